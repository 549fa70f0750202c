import { CloudEvent, HTTP, Kafka, type Message } from 'cloudevents';
import { describe, expect, test } from 'vitest';
import { FACT } from '../async-api/examples.ts';
import { EVENT_TYPES, TOPICS } from '../topics.ts';
import type { HttpHeaders } from './http-attributes.ts';
import { readHttpEvent } from './read-http-event.ts';
import { readRecord } from './read-record.ts';
import type { EventRecord } from './record.ts';
import { messageFactRecord } from './records.ts';
import { ACTION_DATA, AUDIO, DEPOSIT_DATA, TIME } from './test-events.ts';

/** The official SDK's events are read as they are, and it reads ours. */

const attributes = { id: 'm-1', source: '/test', time: TIME };
const document = new CloudEvent({ ...attributes, type: EVENT_TYPES.deposit, data: DEPOSIT_DATA });
const action = new CloudEvent({ ...attributes, type: EVENT_TYPES.messageAction, data: ACTION_DATA });
const recording = new CloudEvent({
  ...attributes,
  type: EVENT_TYPES.deposit,
  datacontenttype: 'audio/wav',
  data: AUDIO,
  tenant: 't100',
  mailbox: '9876',
  callerid: '+15551212000',
  region: 'westus2',
  private: true,
  durationms: 1200,
});
const RECORDED = { messageId: 'm-1', mailbox: '9876', callerId: '+15551212000', private: true, durationMs: 1200 };

describe.each(['structured', 'binary'] as const)('in %s mode', (mode) => {
  test('a deposit document is read over Kafka and over HTTP', () => {
    for (const event of [overKafka(TOPICS.deposits, mode, document), overHttp(TOPICS.deposits, mode, document)]) {
      expect(event).toMatchObject({ kind: 'deposit', id: 'm-1', source: '/test', time: TIME });
      expect(event.data).toMatchObject({ messageId: 'm-1', media: { bytes: Buffer.from(AUDIO) } });
    }
  });

  test('a recording with attributes is read over Kafka and over HTTP', () => {
    for (const event of [overKafka(TOPICS.deposits, mode, recording), overHttp(TOPICS.deposits, mode, recording)]) {
      expect(event.data).toMatchObject(RECORDED);
      expect(Buffer.from((event.data as { media: { bytes: Uint8Array } }).media.bytes)).toEqual(Buffer.from(AUDIO));
    }
  });

  test('an action is read over Kafka and over HTTP', () => {
    expect(overKafka(TOPICS.messageActions, mode, action).data).toEqual(ACTION_DATA);
    expect(overHttp(TOPICS.messageActions, mode, action).data).toEqual(ACTION_DATA);
  });
});

test('the SDK reads a fact', () => {
  const { value, headers } = messageFactRecord(FACT, { id: 'e-1', source: '/voicemail', time: TIME });
  const message = { value: Buffer.from(value ?? []).toString(), headers: { ...headers }, key: 't100/9876', body: '' };
  const event = Kafka.toEvent(message) as CloudEvent<unknown>;
  expect(event).toMatchObject({ id: 'e-1', type: EVENT_TYPES.message, subject: '9876/message-1', data: FACT });
  expect(event.validate()).toBe(true);
});

type Mode = 'structured' | 'binary';

function overKafka(topic: string, mode: Mode, event: CloudEvent<unknown>) {
  const { headers, value } = Kafka[mode](event) as unknown as { headers: Record<string, unknown>; value: unknown };
  const record: EventRecord = { key: null, value: bytesOf(value), headers: texts(headers) };
  return readRecord(topic, record);
}

function overHttp(topic: string, mode: Mode, event: CloudEvent<unknown>) {
  const { headers, body }: Message = HTTP[mode](event);
  return readHttpEvent(topic, texts(headers) satisfies HttpHeaders, bytesOf(body)).event;
}

/** What a client puts on the wire: headers as text, objects as JSON. */
const texts = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.toLowerCase(), String(value)]),
  );

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}
