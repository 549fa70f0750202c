import { messageFactRecord, TOPICS, type MessageFactData } from '@voicemail/contracts';
import type { LogRecord } from '@voicemail/event-log';
import { expect, test } from 'vitest';
import { readFacts, type SkipReason } from './facts.ts';

const META = { id: 'e1', source: '/test', time: '2026-11-02T12:00:00.000Z' };
const AT = META.time;

const logged = (record: Pick<LogRecord, 'key' | 'value' | 'headers'>, offset: number): LogRecord => ({
  topic: TOPICS.messages,
  partition: 0,
  offset,
  appendedAt: 0,
  ...record,
});
const fact = (data: MessageFactData, offset = 0): LogRecord => logged(messageFactRecord(data, META), offset);
const deposited = (mailbox: string, messageId: string, tenant = 't100'): MessageFactData => ({
  tenant,
  mailbox,
  messageId,
  change: 'deposited',
  state: 'new',
  urgent: true,
  revision: 1,
  at: AT,
});
const changed = (revision: number, users: string[]): MessageFactData => ({
  tenant: 't100',
  mailbox: '1',
  change: 'mailbox-changed',
  kind: 'group',
  users,
  status: 'active',
  maxMessages: 3,
  displayName: null,
  revision,
  at: AT,
});

function read(records: readonly LogRecord[]) {
  const skipped: SkipReason[] = [];
  const facts = readFacts(
    records,
    (tenant) => tenant === 't100',
    (_, reason) => skipped.push(reason),
  );
  return { facts, skipped };
}

test('facts of one mailbox become one change, in their order', () => {
  const { facts } = read([fact(deposited('1', 'a'), 1), fact(deposited('2', 'b'), 2), fact(deposited('1', 'c'), 3)]);
  expect(facts.map(({ ref, count }) => [ref.mailbox, count])).toEqual([
    ['1', 2],
    ['2', 1],
  ]);
  expect(facts[0]?.change).toEqual({
    entries: [
      { messageId: 'a', revision: 1, state: 'new', urgent: true },
      { messageId: 'c', revision: 1, state: 'new', urgent: true },
    ],
  });
  expect(facts[0]?.newest.offset).toBe(3);
});

test('of several settings the highest revision counts, whatever their order', () => {
  const { facts } = read([fact(changed(2, ['late'])), fact(changed(3, ['last'])), fact(changed(1, ['first']))]);
  expect(facts[0]?.change.settings).toEqual({
    revision: 3,
    kind: 'group',
    users: ['last'],
    status: 'active',
    maxMessages: 3,
    displayName: null,
  });
});

test('what is no fact is passed over, and the facts around it stand', () => {
  const good = fact(deposited('1', 'a'));
  const other = messageFactRecord(deposited('1', 'b'), META);
  const text = Buffer.from(other.value ?? []).toString();
  const { facts, skipped } = read([
    logged({ key: 't100/1', value: null, headers: {} }, 1),
    logged({ key: 't100/1', value: Buffer.from('{'), headers: other.headers }, 2),
    logged({ ...other, value: Buffer.from(text.replace('voicemail.message.v1', 'voicemail.message.v2')) }, 3),
    logged({ ...other, value: Buffer.from(text.replace('"revision":1', '"revision":-1')) }, 4),
    logged(messageFactRecord(deposited('1', 'b', 't999'), META), 5),
    good,
  ]);
  expect(skipped).toEqual(['malformed', 'malformed', 'unknown-type', 'invalid-data', 'unknown-tenant']);
  expect(facts).toHaveLength(1);
  expect(facts[0]?.newest).toBe(good);
});
