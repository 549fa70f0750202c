import { describe, expect, test } from 'vitest';
import { EVENT_TYPES, TOPICS } from '../topics.ts';
import { readRecord } from './read-record.ts';
import {
  AUDIO,
  BINARY_HEADERS,
  DEPOSIT_DATA,
  depositRecordOf,
  depositRefusal,
  paths,
  refusal,
  structured,
} from './test-events.ts';

describe('a structured deposit', () => {
  test('is read with its defaults and its recording decoded', () => {
    expect(readRecord(TOPICS.deposits, depositRecordOf({}))).toEqual({
      kind: 'deposit',
      id: 'e-1',
      source: '/test',
      time: '2026-03-02T10:00:00.000Z',
      data: {
        ...DEPOSIT_DATA,
        priority: 'normal',
        private: false,
        durationMs: null,
        media: { contentType: 'audio/wav', bytes: Buffer.from(AUDIO) },
      },
    });
  });

  test('keeps what it says in place of the defaults, and loses fields that are not the contract’s', () => {
    const said = { callerId: null, priority: 'urgent', private: true, durationMs: 1200 };
    const event = readRecord(TOPICS.deposits, depositRecordOf({ ...said, colour: 'red' }));
    expect(event.data).toMatchObject(said);
    expect(event.data).not.toHaveProperty('colour');
  });

  test('names a staged object in place of the recording', () => {
    const media = { contentType: 'audio/mpeg; rate=8000', stagedKey: 'staging/t100/a/b.mp3', sha256: 'AB'.repeat(32) };
    const { data } = readRecord(TOPICS.deposits, depositRecordOf({ media }));
    expect(data).toMatchObject({ media: { ...media, sha256: 'ab'.repeat(32) } });
    const { sha256: _sha256, ...withoutDigest } = media;
    expect(readRecord(TOPICS.deposits, depositRecordOf({ media: withoutDigest })).data).toHaveProperty(
      'media',
      withoutDigest,
    );
  });

  test.each([
    ['staging/t200/a', 'another tenant’s'],
    ['staging/t100', 'the folder itself'],
    ['staging/t100/', 'an empty segment'],
    ['staging/t100//a', 'an empty segment'],
    ['staging/t100/a/', 'an empty segment'],
    ['staging/t100/../t200/a', 'a way out'],
    ['staging/t100/./a', 'a dot'],
    ['staging/t100/a\u0000b', 'a control character'],
    ['t100/mailboxes/1/messages/m/media.wav', 'outside of staging'],
    ['/staging/t100/a', 'absolute'],
    [`staging/t100/${'ä'.repeat(600)}`, 'too long in bytes'],
  ])('refuses the staged key %j: %s', (stagedKey) => {
    const error = depositRefusal({ media: { contentType: 'audio/wav', stagedKey } });
    expect(error.reason).toBe('invalid-data');
    expect(new Set(paths(error))).toEqual(new Set(['data.media.stagedKey']));
  });

  test.each(['UklG=', 'UklGRg', 'UklGRg===', 'Ukl GRg==', 'UklGRg==\n', 'UklGRh==', 'UklGR-_=', '====', '$$$$'])(
    'refuses the base64 %j',
    (base64) => {
      expect(paths(depositRefusal({ media: { contentType: 'audio/wav', base64 } }))).toEqual(['data.media.base64']);
    },
  );

  test.each(['audio', 'audio/', '/wav', 'audio/wav;', 'audio/*', 'audio/wav\r\nx: y', 'audio wav', ''])(
    'refuses the media type %j',
    (contentType) => {
      const media = { contentType, base64: 'UklGRg==' };
      expect(paths(depositRefusal({ media }))).toEqual(['data.media.contentType']);
    },
  );

  test.each([
    [{ contentType: 'audio/wav' }, ['data.media']],
    [{ contentType: 'audio/wav', base64: 'UklGRg==', stagedKey: 'staging/t100/a' }, ['data.media']],
    [{ contentType: 'audio/wav', base64: '' }, ['data.media.base64']],
    [null, ['data.media']],
    ['UklGRg==', ['data.media']],
  ])('refuses the media %j', (media, faults) => {
    expect(paths(depositRefusal({ media }))).toEqual(faults);
  });

  test.each([
    [{ mailbox: '0123' }, 'data.mailbox'],
    [{ mailbox: '../1' }, 'data.mailbox'],
    [{ mailbox: 9876 }, 'data.mailbox'],
    [{ mailbox: '1'.repeat(33) }, 'data.mailbox'],
    [{ messageId: '..' }, 'data.messageId'],
    [{ messageId: 'a/b' }, 'data.messageId'],
    [{ messageId: 'm'.repeat(129) }, 'data.messageId'],
    [{ tenant: '../t' }, 'data.tenant'],
    [{ tenant: '.' }, 'data.tenant'],
    [{ region: 'a/b' }, 'data.region'],
    [{ callerId: undefined }, 'data.callerId'],
    [{ callerId: '1'.repeat(129) }, 'data.callerId'],
    [{ depositedAt: '2026-02-30T00:00:00Z' }, 'data.depositedAt'],
    [{ depositedAt: '2026-03-02T10:00:00' }, 'data.depositedAt'],
    [{ depositedAt: '02/03/2026' }, 'data.depositedAt'],
    [{ depositedAt: 1772445600000 }, 'data.depositedAt'],
    [{ priority: 'high' }, 'data.priority'],
    [{ private: 'yes' }, 'data.private'],
    [{ durationMs: 1.5 }, 'data.durationMs'],
    [{ durationMs: -1 }, 'data.durationMs'],
    [{ durationMs: 1e300 }, 'data.durationMs'],
    [{ durationMs: 86_400_001 }, 'data.durationMs'],
  ])('with %j is refused', (more, path) => {
    const error = depositRefusal(more);
    expect(error.reason).toBe('invalid-data');
    expect(new Set(paths(error))).toEqual(new Set([path]));
  });

  test('takes a caller id of 128 characters, and an empty one', () => {
    for (const callerId of ['1'.repeat(128), '']) {
      expect(readRecord(TOPICS.deposits, depositRecordOf({ callerId })).data).toMatchObject({ callerId });
    }
  });

  test('is refused with all its faults at once, those of the attributes, of the fields and between fields', () => {
    const data = {
      tenant: 't100',
      callerId: 5,
      durationMs: -1,
      media: { contentType: 'x', stagedKey: 'staging/t2/a', base64: '!' },
    };
    const error = refusal(
      TOPICS.deposits,
      structured(EVENT_TYPES.deposit, data, { specversion: '0.3', time: undefined }),
    );
    expect(error.reason).toBe('malformed');
    expect(paths(error).toSorted()).toEqual([
      'data.callerId',
      'data.depositedAt',
      'data.durationMs',
      'data.mailbox',
      'data.media',
      'data.media.base64',
      'data.media.contentType',
      'data.media.stagedKey',
      'data.messageId',
      'data.region',
      'specversion',
      'time',
    ]);
  });
});

describe('a binary deposit', () => {
  test('is its recording, with what else it says in headers', () => {
    const headers = { ...BINARY_HEADERS, ce_priority: 'urgent', ce_private: 'true', ce_durationms: '1200' };
    expect(readRecord(TOPICS.deposits, { key: null, value: AUDIO, headers })).toEqual({
      kind: 'deposit',
      id: 'm-1',
      source: '/test',
      time: '2026-03-02T09:59:58Z',
      data: {
        ...DEPOSIT_DATA,
        priority: 'urgent',
        private: true,
        durationMs: 1200,
        media: { contentType: 'audio/wav', bytes: AUDIO },
      },
    });
  });

  test('has the same defaults, and an anonymous caller where it names none', () => {
    const { ce_callerid: _callerId, ...headers } = BINARY_HEADERS;
    const { data } = readRecord(TOPICS.deposits, { key: null, value: AUDIO, headers });
    expect(data).toMatchObject({ callerId: null, priority: 'normal', private: false, durationMs: null });
  });

  test('names a staged object with ce_dataref and no value', () => {
    const headers = { ...BINARY_HEADERS, ce_dataref: 'staging/t100/a' };
    for (const value of [null, new Uint8Array()]) {
      const { data } = readRecord(TOPICS.deposits, { key: null, value, headers });
      expect(data).toHaveProperty('media', { contentType: 'audio/wav', stagedKey: 'staging/t100/a' });
    }
  });

  test('may hold the document of structured mode as JSON, as a CloudEvents library sends it', () => {
    const headers = { ...BINARY_HEADERS, ce_id: 'e-1', 'content-type': 'application/json; charset=utf-8' };
    const value = Buffer.from(JSON.stringify(DEPOSIT_DATA));
    expect(readRecord(TOPICS.deposits, { key: null, value, headers }).data).toMatchObject({ messageId: 'm-1' });
  });

  test('is refused with all its faults at once, named by their headers', () => {
    const headers = {
      'content-type': 'wav',
      ce_specversion: '1.0',
      ce_id: '..',
      ce_source: 'not a uri',
      ce_type: EVENT_TYPES.deposit,
      ce_tenant: 't100',
      ce_mailbox: '007',
      ce_priority: 'high',
      ce_private: 'TRUE',
      ce_durationms: '1e3',
      ce_dataref: 'staging/t200/a',
    };
    const error = refusal(TOPICS.deposits, { key: null, value: AUDIO, headers });
    expect(paths(error).toSorted()).toEqual([
      'ce_dataref',
      'ce_durationms',
      'ce_id',
      'ce_mailbox',
      'ce_priority',
      'ce_private',
      'ce_region',
      'ce_source',
      'ce_time',
      'content-type',
    ]);
  });

  test('without a recording, or with a recording and a staged one, is refused', () => {
    expect(paths(refusal(TOPICS.deposits, { key: null, value: null, headers: BINARY_HEADERS }))).toEqual(['data']);
    const both = { ...BINARY_HEADERS, ce_dataref: 'staging/t100/a' };
    expect(paths(refusal(TOPICS.deposits, { key: null, value: AUDIO, headers: both }))).toEqual(['ce_dataref']);
  });
});
