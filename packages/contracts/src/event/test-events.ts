import { EVENT_TYPES, TOPICS } from '../topics.ts';
import { InvalidEvent } from './invalid-event.ts';
import { readRecord } from './read-record.ts';
import type { EventRecord } from './record.ts';

/** Events for the tests of this folder. */

export const TIME = '2026-03-02T10:00:00.000Z';
export const AUDIO = new Uint8Array([0x52, 0x49, 0x46, 0x46, 0, 255]);

export const DEPOSIT_DATA = {
  tenant: 't100',
  mailbox: '9876',
  messageId: 'm-1',
  callerId: '+15551212000',
  region: 'westus2',
  depositedAt: '2026-03-02T09:59:58Z',
  media: { contentType: 'audio/wav', base64: Buffer.from(AUDIO).toString('base64') },
};

export const ACTION_DATA = { tenant: 't100', mailbox: '9876', messageId: 'm-1', action: 'read', at: TIME };

const attributes = (type: string): object => ({ specversion: '1.0', id: 'e-1', source: '/test', type, time: TIME });

/** A record in structured mode; `more` adds attributes or, with undefined, leaves them out. */
export function structured(type: string, data: unknown, more: object = {}): EventRecord {
  return {
    key: null,
    value: Buffer.from(JSON.stringify({ ...attributes(type), ...more, data })),
    headers: { 'content-type': 'application/cloudevents+json' },
  };
}

export const depositRecordOf = (more: object): EventRecord =>
  structured(EVENT_TYPES.deposit, { ...DEPOSIT_DATA, ...more });

/** The headers of a deposit in binary mode. */
export const BINARY_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'audio/wav',
  ce_specversion: '1.0',
  ce_id: 'm-1',
  ce_source: '/test',
  ce_type: EVENT_TYPES.deposit,
  ce_time: '2026-03-02T09:59:58Z',
  ce_tenant: 't100',
  ce_mailbox: '9876',
  ce_callerid: '+15551212000',
  ce_region: 'westus2',
};

/** What a record is refused with. */
export function refusal(topic: string, record: EventRecord): InvalidEvent {
  try {
    readRecord(topic, record);
  } catch (error) {
    if (error instanceof InvalidEvent) return error;
    throw error;
  }
  throw new Error('the event was taken');
}

export const depositRefusal = (more: object): InvalidEvent => refusal(TOPICS.deposits, depositRecordOf(more));

/** The paths of its faults. */
export const paths = (error: InvalidEvent): readonly string[] => error.faults.map(({ path }) => path);
