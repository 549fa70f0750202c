import { describe, expect, test } from 'vitest';
import { ACTION, DEAD_LETTER, DEPOSIT, FACT, MAILBOX, MWI } from '../async-api/examples.ts';
import type { MessageFactInput } from '../data/message-fact.ts';
import { TOPICS } from '../topics.ts';
import { readDeadLetter, readMessageFact, readMwi } from './read-published.ts';
import { readRecord } from './read-record.ts';
import {
  deadLetterRecord,
  depositRecord,
  mailboxRecord,
  mailboxRemovedRecord,
  messageActionRecord,
  messageFactRecord,
  mwiRecord,
} from './records.ts';
import { TIME } from './test-events.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const meta = { id: 'e-1', source: '/test', time: TIME, traceparent, tracestate: 'a=1' };

describe('what is written is read again', () => {
  test('as facts, lamps and dead letters', () => {
    expect(readMessageFact(messageFactRecord(FACT, meta))).toEqual(FACT);
    expect(readMwi(mwiRecord(MWI, meta))).toEqual(MWI);
    expect(readDeadLetter(deadLetterRecord(DEAD_LETTER, { ...meta, key: null }))).toEqual(DEAD_LETTER);
  });

  test('as the events of the incoming topics, with their trace', () => {
    const records = [depositRecord(DEPOSIT, meta), messageActionRecord(ACTION, meta), mailboxRecord(MAILBOX, meta)];
    const events = records.map((record) => readRecord(record.topic, record));
    expect(events.map(({ kind }) => kind)).toEqual(['deposit', 'action', 'mailbox']);
    for (const event of events) expect(event).toMatchObject(meta);
    const removal = mailboxRemovedRecord({ tenant: 't100', mailbox: '9876' }, meta);
    expect(removal).toMatchObject({ topic: TOPICS.mailboxes, key: 't100/9876', value: null });
    expect(readRecord(removal.topic, removal)).toMatchObject({ ...meta, data: { mailbox: '9876', settings: null } });
  });

  test('as a fact about a mailbox, in which what is not set is null', () => {
    const changed: MessageFactInput = {
      tenant: 't100',
      mailbox: '9876',
      change: 'mailbox-changed',
      kind: 'group',
      users: ['agent-1'],
      status: 'active',
      revision: 4,
      at: TIME,
    };
    expect(readMessageFact(messageFactRecord(changed, meta))).toEqual({
      ...changed,
      maxMessages: null,
      displayName: null,
    });
  });
});

test('a record has its key, its content mode, its subject and its trace, in the event and in the headers', () => {
  const record = messageFactRecord(FACT, meta);
  expect(record).toMatchObject({
    topic: 'voicemail.messages',
    key: 't100/9876',
    headers: { 'content-type': 'application/cloudevents+json', traceparent, tracestate: 'a=1' },
  });
  expect(JSON.parse(Buffer.from(record.value ?? []).toString())).toEqual({
    specversion: '1.0',
    ...meta,
    type: 'voicemail.message.v1',
    subject: '9876/message-1',
    datacontenttype: 'application/json',
    data: FACT,
  });
});

test('what the contract does not know is not written', () => {
  expect(() => messageFactRecord({ ...FACT, revision: -1 }, meta)).toThrow(/revision must be at least 0/);
  const withMore = { ...FACT, callerId: '+15551212000' };
  expect(Buffer.from(messageFactRecord(withMore, meta).value ?? []).toString()).not.toContain('1555');
});

test('a dead letter keeps a key of the contract only, and cuts a detail that is too long', () => {
  const keys = ['t100/9876', 't100', '+15551212000', 't100/9876/x', 'caller 1', null];
  const kept = keys.map((key) => deadLetterRecord(DEAD_LETTER, { ...meta, key }).key);
  expect(kept).toEqual(['t100/9876', 't100', null, null, null, null]);
  const long = deadLetterRecord({ ...DEAD_LETTER, detail: 'x'.repeat(100_000) }, { ...meta, key: null });
  expect(readDeadLetter(long).detail).toHaveLength(4096);
});
