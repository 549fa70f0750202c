import { expect, test } from 'vitest';
import { EVENT_TYPES, TOPICS } from '../topics.ts';
import { readRecord } from './read-record.ts';
import { paths, refusal, TIME } from './test-events.ts';

const attributes = {
  ce_specversion: '1.0',
  ce_id: 'e-1',
  ce_source: '/test',
  ce_type: EVENT_TYPES.mailbox,
  ce_time: TIME,
};
const removed = { tenant: 't100', mailbox: '9876', settings: null };

test('a tombstone removes the mailbox that its headers name, or else its key', () => {
  const named = { ...attributes, ce_tenant: 't100', ce_mailbox: '9876' };
  const read = { kind: 'mailbox', id: 'e-1', source: '/test', time: TIME, data: removed };
  expect(readRecord(TOPICS.mailboxes, { key: 'other/1', value: null, headers: named })).toEqual(read);
  expect(readRecord(TOPICS.mailboxes, { key: 't100/9876', value: null, headers: attributes })).toEqual(read);
});

test('a bare tombstone, as a Kafka tool writes it, has its place in the order by when the log took it', () => {
  const appendedAt = Date.parse(TIME);
  const record = { key: 't100/9876', value: null, headers: {}, partition: 3, offset: 17, appendedAt };
  expect(readRecord(TOPICS.mailboxes, record)).toEqual({
    kind: 'mailbox',
    id: 'tombstone-3-17',
    source: 'log',
    time: TIME,
    data: removed,
  });
});

test('a tombstone that names no mailbox, or is half an event, is refused', () => {
  const nameless = { key: 't100/9876/1', value: null, headers: {}, appendedAt: 1 };
  expect(paths(refusal(TOPICS.mailboxes, nameless))).toEqual(['ce_tenant', 'ce_mailbox']);
  expect(paths(refusal(TOPICS.mailboxes, { key: null, value: null, headers: attributes }))).toEqual([
    'ce_tenant',
    'ce_mailbox',
  ]);
  const half = { key: 't100/9876', value: null, headers: { ce_id: 'e-1' }, appendedAt: 1 };
  expect(paths(refusal(TOPICS.mailboxes, half))).toEqual(['ce_specversion', 'ce_source', 'ce_type', 'ce_time']);
});
