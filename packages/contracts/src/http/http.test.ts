import { expect, test } from 'vitest';
import { z } from 'zod';
import * as http from './index.ts';

test('a list’s limit is 100 unless told, 1 to 1000, and comes as text', () => {
  expect(http.ListQuery.parse({})).toEqual({ limit: 100 });
  expect(http.MessageListQuery.parse({ limit: '5', cursor: 'abc', state: 'new' })).toEqual({
    limit: 5,
    cursor: 'abc',
    state: 'new',
  });
  const refused = ['0', '1001', '1.5', 'many', '', '-1'].filter(
    (limit) => !http.ListQuery.safeParse({ limit }).success,
  );
  expect(refused).toHaveLength(6);
  expect(http.ListQuery.safeParse({ cursor: 'x'.repeat(1025) }).success).toBe(false);
});

test('a mailbox that is put is active unless told', () => {
  expect(http.MailboxBody.parse({ kind: 'personal' })).toEqual({ kind: 'personal', status: 'active' });
  expect(http.MailboxBody.safeParse({ kind: 'personal', owner: null }).success).toBe(false);
});

test.each(Object.entries(http))('%s can be shown in an OpenAPI document, as request and as answer', (_name, schema) => {
  for (const io of ['input', 'output'] as const) {
    expect(() => z.toJSONSchema(schema, { io, target: 'draft-2020-12' })).not.toThrow();
  }
});
