import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES, TOPICS } from '../topics.ts';
import { InvalidEvent } from './invalid-event.ts';
import { readRecord } from './read-record.ts';
import {
  ACTION_DATA,
  BINARY_HEADERS,
  DEPOSIT_DATA,
  depositRecordOf,
  depositRefusal,
  paths,
  refusal,
  structured,
  TIME,
} from './test-events.ts';

const action = (more: object) => structured(EVENT_TYPES.messageAction, { ...ACTION_DATA, ...more });
const mailbox = (more: object) =>
  structured(EVENT_TYPES.mailbox, { tenant: 't100', mailbox: '9876', kind: 'personal', status: 'active', ...more });

describe('a message action', () => {
  test('is read in both modes', () => {
    const read = { kind: 'action', id: 'e-1', source: '/test', time: TIME, data: ACTION_DATA };
    expect(readRecord(TOPICS.messageActions, action({}))).toEqual(read);
    const headers = {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: 'e-1',
      ce_source: '/test',
      ce_type: EVENT_TYPES.messageAction,
      ce_time: TIME,
    };
    const value = Buffer.from(JSON.stringify(ACTION_DATA));
    expect(readRecord(TOPICS.messageActions, { key: null, value, headers })).toEqual(read);
  });

  test('forward names where to', () => {
    const { data } = readRecord(
      TOPICS.messageActions,
      action({ action: 'forward', toMailbox: '12', actor: 'agent-1' }),
    );
    expect(data).toMatchObject({ action: 'forward', toMailbox: '12', actor: 'agent-1' });
    expect(paths(refusal(TOPICS.messageActions, action({ action: 'forward' })))).toEqual(['data.toMailbox']);
    expect(paths(refusal(TOPICS.messageActions, action({ action: 'forward', toMailbox: '0' })))).toEqual([
      'data.toMailbox',
    ]);
  });

  test('of an unknown kind is refused with its other faults too', () => {
    const error = refusal(TOPICS.messageActions, action({ action: 'eat', at: 'noon', mailbox: 'x' }));
    expect(paths(error).toSorted()).toEqual(['data.action', 'data.at', 'data.mailbox']);
    expect(error.faults.find(({ path }) => path === 'data.action')?.message).toBe(
      'must be "read" or "unread" or "delete" or "forward"',
    );
  });
});

describe('a mailbox event', () => {
  test('is read as settings', () => {
    const settings = {
      kind: 'group',
      members: ['agent-1', 'agent-2'],
      displayName: 'Sales',
      maxMessages: 50,
      retentionDays: 30,
      status: 'locked',
    };
    expect(readRecord(TOPICS.mailboxes, mailbox(settings))).toEqual({
      kind: 'mailbox',
      id: 'e-1',
      source: '/test',
      time: TIME,
      data: { tenant: 't100', mailbox: '9876', settings },
    });
  });

  test('is active unless it says otherwise', () => {
    const event = readRecord(TOPICS.mailboxes, mailbox({ status: undefined }));
    expect(event).toMatchObject({ data: { settings: { status: 'active' } } });
  });

  test.each([
    [{ kind: 'shared' }, ['data.kind']],
    [{ status: 'closed' }, ['data.status']],
    [{ maxMessages: 0 }, ['data.maxMessages']],
    [{ retentionDays: 0.5 }, ['data.retentionDays']],
    [{ members: ['a', '', 5] }, ['data.members[1]', 'data.members[2]']],
    [{ members: 'a' }, ['data.members']],
    [{ owner: 'a\u0007' }, ['data.owner']],
    [{ owner: null }, ['data.owner']],
  ])('with %j is refused', (more, faults) => {
    expect(paths(refusal(TOPICS.mailboxes, mailbox(more)))).toEqual(faults);
  });
});

describe('what is no CloudEvent', () => {
  const structuredHeaders = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  test.each([
    ['no JSON', structuredHeaders, Buffer.from('{"id": ')],
    ['an array', structuredHeaders, Buffer.from('[]')],
    ['null', structuredHeaders, Buffer.from('null')],
    ['not UTF-8', structuredHeaders, Buffer.from([0x7b, 0xff, 0x7d])],
    ['empty', structuredHeaders, new Uint8Array()],
    ['a tombstone', structuredHeaders, null],
    ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, Buffer.from('[]')],
    ['another event format', { 'content-type': 'application/cloudevents+avro' }, Buffer.from('{}')],
    ['without any attribute', { 'content-type': 'audio/wav' }, Buffer.from('RIFF')],
    ['without headers', {}, Buffer.from(JSON.stringify(DEPOSIT_DATA))],
  ])('%s is malformed', (_what, headers, value) => {
    const error = refusal(TOPICS.deposits, { key: 't100/9876', value, headers });
    expect(error.reason).toBe('malformed');
    expect(error.faults).toHaveLength(1);
    expect(error.tenant).toBe('t100');
  });

  test.each([
    [{ specversion: '0.3' }, ['specversion']],
    [{ id: '' }, ['id']],
    [{ id: 5 }, ['id']],
    [{ source: 'a b' }, ['source']],
    [{ time: undefined }, ['time']],
    [{ time: null }, ['time']],
    [{ type: undefined }, ['type']],
    [{ data_base64: 'AAAA' }, ['data_base64']],
  ])('a structured event with %j is malformed', (more, faults) => {
    const error = refusal(TOPICS.deposits, structured(EVENT_TYPES.deposit, DEPOSIT_DATA, more));
    expect(error.reason).toBe('malformed');
    expect(paths(error)).toEqual(faults);
  });
});

test.each(['voicemail.deposit.v2', EVENT_TYPES.mailbox, 'com.example.other'])(
  'an event of type %s is unknown to the deposits topic',
  (type) => {
    const error = refusal(TOPICS.deposits, structured(type, DEPOSIT_DATA));
    expect([error.reason, paths(error)]).toEqual(['unknown-type', ['type']]);
  },
);

test('the id of a request is told apart from that of a message', () => {
  const consumers = [{ phone: '+15551212000' }];
  const request = { tenant: 't100', requestId: 'a b', operation: 'forgetme', consumers, requestedAt: TIME };
  expect(refusal(TOPICS.gdprRequests, structured(EVENT_TYPES.gdprRequest, request)).faults).toEqual([
    { path: 'data.requestId', message: 'must be a request id: 1 to 128 letters, digits, ".", "_" or "-"' },
  ]);
});

test('extension attributes are allowed', () => {
  const record = structured(EVENT_TYPES.deposit, DEPOSIT_DATA, { partitionkey: 'a', sampledrate: 5, dataschema: '/s' });
  expect(readRecord(TOPICS.deposits, record).id).toBe('e-1');
});

test('a topic that is not an incoming one is a mistake of the program, not of the event', () => {
  expect(() => readRecord(TOPICS.mwi, depositRecordOf({}))).toThrow(TypeError);
});

describe('of a refused event', () => {
  test('tenant, mailbox and caller are told where they can be read', () => {
    expect(depositRefusal({ durationMs: -1 })).toMatchObject({
      tenant: 't100',
      mailbox: '9876',
      callerId: '+15551212000',
    });
    expect(depositRefusal({ callerId: 15551212000 }).callerId).toBe('15551212000');
    expect(depositRefusal({ callerId: null, durationMs: -1 }).callerId).toBeNull();
    expect(depositRefusal({ tenant: '../x', callerId: undefined })).not.toHaveProperty('tenant');
    const { ce_id: _id, ...headers } = BINARY_HEADERS;
    const binary = refusal(TOPICS.deposits, { key: null, value: Buffer.from('{RIFF'), headers });
    expect(binary).toMatchObject({ tenant: 't100', mailbox: '9876', callerId: '+15551212000' });
    const unlabelled = { key: null, value: Buffer.from(JSON.stringify({ data: DEPOSIT_DATA })), headers: {} };
    expect(refusal(TOPICS.deposits, unlabelled)).toMatchObject({ tenant: 't100', callerId: '+15551212000' });
  });

  test('the caller is not among what is logged with the error', () => {
    const error = depositRefusal({ durationMs: -1 });
    expect(JSON.stringify(error) + JSON.stringify({ ...error }) + error.message + error.stack).not.toContain('1555');
  });

  test('no value comes back in a fault', () => {
    const secret = '15551212000';
    const hostile = fc.dictionary(
      fc.constantFrom(...Object.keys(DEPOSIT_DATA), 'durationMs', 'private', 'priority'),
      fc.constantFrom(secret, [secret], { base64: secret }, { contentType: secret, stagedKey: secret }, Number(secret)),
      { minKeys: 2 },
    );
    fc.assert(
      fc.property(hostile, (more) => {
        try {
          readRecord(TOPICS.deposits, depositRecordOf(more));
        } catch (error) {
          if (!(error instanceof InvalidEvent)) throw error;
          expect(error.message).not.toContain(secret);
        }
      }),
    );
  });
});

test('whatever a record holds, it is read or refused with its faults', () => {
  const headers = fc.dictionary(
    fc.constantFrom('content-type', 'ce_id', 'ce_type', 'ce_time', 'ce_tenant', 'traceparent', '__proto__', 'x'),
    fc.constantFrom('application/cloudevents+json', 'application/json', 'audio/wav', EVENT_TYPES.mailbox, 't100', ''),
  );
  const value = fc.oneof(
    fc.uint8Array(),
    fc.constant(null),
    fc.json().map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(`{"data":${text},"type":"${EVENT_TYPES.deposit}","__proto__":1}`)),
  );
  const topic = fc.constantFrom(TOPICS.deposits, TOPICS.messageActions, TOPICS.mailboxes);
  fc.assert(
    fc.property(topic, fc.option(fc.string()), value, headers, (name, key, bytes, given) => {
      try {
        readRecord(name, { key, value: bytes, headers: given });
      } catch (error) {
        if (!(error instanceof InvalidEvent)) throw error;
        expect(error.faults.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 1_000 },
  );
});
