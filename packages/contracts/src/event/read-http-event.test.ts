import { describe, expect, test } from 'vitest';
import { EVENT_TYPES, TOPICS } from '../topics.ts';
import type { HttpHeaders } from './http-attributes.ts';
import { InvalidEvent } from './invalid-event.ts';
import { readHttpEvent } from './read-http-event.ts';
import { readRecord } from './read-record.ts';
import { AUDIO, BINARY_HEADERS, DEPOSIT_DATA, depositRecordOf, paths, structured, TIME } from './test-events.ts';

const NOTHING = new Uint8Array();
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const binaryHeaders: HttpHeaders = Object.fromEntries(
  Object.entries(BINARY_HEADERS).map(([name, value]) => [name.replace('ce_', 'ce-'), value]),
);

function refusal(topic: string, headers: HttpHeaders, body: Uint8Array): InvalidEvent {
  try {
    readHttpEvent(topic, headers, body);
  } catch (error) {
    if (error instanceof InvalidEvent) return error;
    throw error;
  }
  throw new Error('the event was taken');
}

describe('an event over HTTP', () => {
  test('in structured mode becomes a record with the body as it came', () => {
    const body = depositRecordOf({}).value ?? NOTHING;
    const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8', host: 'example', traceparent };
    const { event, record } = readHttpEvent(TOPICS.deposits, headers, body);
    expect(event).toMatchObject({ kind: 'deposit', traceparent, data: { messageId: 'm-1' } });
    expect(record).toEqual({
      topic: TOPICS.deposits,
      key: 't100/9876',
      value: body,
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8', traceparent },
    });
  });

  test('in binary mode becomes a record with the attributes as ce_ headers, which reads the same', () => {
    const { event, record } = readHttpEvent(TOPICS.deposits, { ...binaryHeaders, authorization: 'Bearer x' }, AUDIO);
    expect(record).toEqual({ topic: TOPICS.deposits, key: 't100/9876', value: AUDIO, headers: BINARY_HEADERS });
    expect(readRecord(TOPICS.deposits, record)).toEqual(event);
  });

  test.each([
    ['sip:J%C3%B6rg%20%25@h', 'sip:Jörg %@h'],
    ['sip:%2B15551212000@h', 'sip:+15551212000@h'],
    ['sip:%252B1@h', 'sip:%2B1@h'],
    ['"quoted \\"name\\" %41"', 'quoted "name" A'],
    ['+15551212000', '+15551212000'],
  ])('has its attribute %s percent-decoded once', (sent, callerId) => {
    const { event, record } = readHttpEvent(TOPICS.deposits, { ...binaryHeaders, 'ce-callerid': sent }, AUDIO);
    expect(event.data).toMatchObject({ callerId });
    expect(record.headers['ce_callerid']).toBe(callerId);
  });

  test('with an empty binary body removes a mailbox', () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'e-1',
      'ce-source': '/test',
      'ce-type': EVENT_TYPES.mailbox,
      'ce-time': TIME,
      'ce-tenant': 't100',
      'ce-mailbox': '9876',
    };
    const { event, record } = readHttpEvent(TOPICS.mailboxes, headers, NOTHING);
    expect(event.data).toEqual({ tenant: 't100', mailbox: '9876', settings: null });
    expect(record).toMatchObject({ key: 't100/9876', value: null });
    expect(readRecord(TOPICS.mailboxes, record)).toEqual(event);
    const { 'ce-mailbox': _mailbox, 'ce-time': _time, ...nameless } = headers;
    expect(paths(refusal(TOPICS.mailboxes, nameless, NOTHING))).toEqual(['ce-time', 'ce-mailbox']);
  });

  test('names a staged recording with ce-dataref and an empty body', () => {
    const headers = { ...binaryHeaders, 'ce-dataref': 'staging/t100/a' };
    const { event } = readHttpEvent(TOPICS.deposits, headers, NOTHING);
    expect(event.data).toMatchObject({ media: { stagedKey: 'staging/t100/a' } });
  });
});

describe('over HTTP there is refused', () => {
  test('a body that is no event, with what to send', () => {
    const error = refusal(
      TOPICS.deposits,
      { 'content-type': 'application/json' },
      Buffer.from(JSON.stringify(DEPOSIT_DATA)),
    );
    expect(error.reason).toBe('malformed');
    expect(error.message).toContain('application/cloudevents+json');
    expect(error.message).toContain('ce-*');
    expect(error.callerId).toBe('+15551212000');
  });

  test('a batch', () => {
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const error = refusal(TOPICS.deposits, headers, Buffer.from('[]'));
    expect(error.faults).toEqual([
      { path: 'content-type', message: 'is batch mode: send one event at a time, as application/cloudevents+json' },
    ]);
  });

  test('an attribute that is sent twice or is not percent-encoded, beside all other faults', () => {
    const headers = {
      ...binaryHeaders,
      'ce-callerid': '100%',
      'ce-region': ['westus2', 'westeurope'],
      'ce-mailbox': '0',
      'ce-time': undefined,
    };
    const error = refusal(TOPICS.deposits, headers, AUDIO);
    expect(error.reason).toBe('malformed');
    expect(paths(error).toSorted()).toEqual(['ce-callerid', 'ce-mailbox', 'ce-region', 'ce-time']);
    expect(error).toMatchObject({ tenant: 't100' });
  });

  test('data that is at fault, with the reason that a record would have', () => {
    const { value } = structured(EVENT_TYPES.messageAction, { tenant: 't100' });
    const headers = { 'content-type': 'application/cloudevents+json' };
    const error = refusal(TOPICS.messageActions, headers, value ?? NOTHING);
    expect(error.reason).toBe('invalid-data');
    expect(paths(error)).toContain('data.mailbox');
  });
});
