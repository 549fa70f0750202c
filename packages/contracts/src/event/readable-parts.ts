import { isMailbox } from '@voicemail/domain';
import { TENANT_ID_PATTERN } from '../data/fields.ts';
import type { ReadableParts } from './invalid-event.ts';
import { isObject, parseJson } from './json.ts';
import { ATTRIBUTE_PREFIX, type EventRecord } from './record.ts';

/** A caller id longer than this is no caller id that a search could name. */
const MAX_READABLE_CALLER_CHARS = 1024;

/** Reads what can be read of a record that was refused: from its data, its attributes, its key. */
export function readableParts(record: EventRecord): ReadableParts {
  const document = record.value?.[0] === 0x7b ? parseJson(record.value)?.value : undefined;
  const event = isObject(document) ? document : {};
  const data = isObject(event['data']) ? event['data'] : {};
  const [keyTenant, keyMailbox] = record.key?.split('/') ?? [];
  const header = (name: string): unknown => record.headers[ATTRIBUTE_PREFIX + name];
  const tenant = [data['tenant'], event['tenant'], header('tenant'), keyTenant].find(isTenantId);
  const mailbox = [data['mailbox'], event['mailbox'], header('mailbox'), keyMailbox].find(isMailboxNumber);
  const callerId = [data['callerId'], event['callerId'], event['callerid'], header('callerid')]
    .map((value) => (typeof value === 'number' ? String(value) : value))
    .find(isCallerId);
  const depositedAt = [data['depositedAt'], event['time'], header('time')].find(isTime);
  return {
    ...(depositedAt === undefined ? {} : { depositedAt }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(callerId === undefined ? (data['callerId'] === null ? { callerId: null } : {}) : { callerId }),
  };
}

const isTenantId = (value: unknown): value is string => typeof value === 'string' && TENANT_ID_PATTERN.test(value);
const isTime = (value: unknown): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isMailboxNumber = (value: unknown): value is string => typeof value === 'string' && isMailbox(value);
const isCallerId = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_READABLE_CALLER_CHARS;
