import { isMailbox, mailboxKey } from '@voicemail/domain';
import { DeadLetterData } from '../data/dead-letter.ts';
import { DepositData, type DepositInput } from '../data/deposit.ts';
import { TENANT_ID_PATTERN } from '../data/fields.ts';
import { GdprRequestData, GdprStatusData } from '../data/gdpr.ts';
import { MailboxData } from '../data/mailbox.ts';
import { MessageActionData } from '../data/message-action.ts';
import { MessageFactData, type MessageFactInput } from '../data/message-fact.ts';
import { MwiData } from '../data/mwi.ts';
import { check, summary, type Schema } from '../fault.ts';
import { EVENT_TYPES, TOPICS } from '../topics.ts';
import { encodeEvent } from './encode-event.ts';
import type { EventContext } from './incoming-event.ts';
import { ATTRIBUTE_PREFIX, type OutgoingRecord } from './record.ts';

const MAX_DETAIL_CHARS = 4096;

/** The record of a deposit, with its recording in base64 or staged. @throws TypeError where the data is not what the schema says. */
export function depositRecord(input: DepositInput, meta: EventContext): OutgoingRecord {
  // The checked data, not the input: fields that are not the contract's stay out of the log.
  const data = checked(DepositData, input);
  return record(
    TOPICS.deposits,
    mailboxKey(data.tenant, data.mailbox),
    EVENT_TYPES.deposit,
    data,
    meta,
    messageSubject(data),
  );
}

/** The record of a message action. @throws TypeError where the data is not what the schema says. */
export function messageActionRecord(input: MessageActionData, meta: EventContext): OutgoingRecord {
  const data = checked(MessageActionData, input);
  const key = mailboxKey(data.tenant, data.mailbox);
  return record(TOPICS.messageActions, key, EVENT_TYPES.messageAction, data, meta, messageSubject(data));
}

/** The record of a mailbox's settings. @throws TypeError where the data is not what the schema says. */
export function mailboxRecord(input: MailboxData, meta: EventContext): OutgoingRecord {
  const data = checked(MailboxData, input);
  return record(TOPICS.mailboxes, mailboxKey(data.tenant, data.mailbox), EVENT_TYPES.mailbox, data, meta);
}

/** The tombstone that removes a mailbox: attributes as headers, no value (binary mode). */
export function mailboxRemovedRecord(
  { tenant, mailbox }: { readonly tenant: string; readonly mailbox: string },
  meta: EventContext,
): OutgoingRecord {
  const { traceparent, tracestate, ...context } = meta;
  const attributes = { specversion: '1.0', type: EVENT_TYPES.mailbox, ...context, tenant, mailbox };
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, text]) => [ATTRIBUTE_PREFIX + name, text]));
  const trace = {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  };
  return { topic: TOPICS.mailboxes, key: mailboxKey(tenant, mailbox), value: null, headers: { ...headers, ...trace } };
}

/** The record of a fact. @throws TypeError where the data is not what the schema says. */
export function messageFactRecord(input: MessageFactInput, meta: EventContext): OutgoingRecord {
  const data = checked(MessageFactData, input);
  const subject = data.change === 'mailbox-changed' ? undefined : messageSubject(data);
  return record(TOPICS.messages, mailboxKey(data.tenant, data.mailbox), EVENT_TYPES.message, data, meta, subject);
}

/** The record of a mailbox's lamp. @throws TypeError where the data is not what the schema says. */
export function mwiRecord(input: MwiData, meta: EventContext): OutgoingRecord {
  const data = checked(MwiData, input);
  return record(TOPICS.mwi, mailboxKey(data.tenant, data.mailbox), EVENT_TYPES.mwi, data, meta);
}

/** The record of a GDPR request, under its tenant's key. @throws TypeError where the data is not what the schema says. */
export function gdprRequestRecord(
  input: GdprRequestData & { readonly tenant: string },
  meta: EventContext,
): OutgoingRecord {
  const data = checked(GdprRequestData, input);
  return record(TOPICS.gdprRequests, input.tenant, EVENT_TYPES.gdprRequest, data, meta);
}

/** The record of where a GDPR request is. @throws TypeError where the data is not what the schema says. */
export function gdprStatusRecord(input: GdprStatusData, meta: EventContext): OutgoingRecord {
  const data = checked(GdprStatusData, input);
  return record(TOPICS.gdprStatus, data.tenant, EVENT_TYPES.gdprStatus, data, meta);
}

/**
 * The record of a dead letter; a detail that is too long is cut, for a dead letter must never fail.
 * @param meta with the rejected record's key: left out unless it is one of the contract's, for any other may hold personal data.
 * @throws TypeError where the data is not what the schema says.
 */
export function deadLetterRecord(
  input: DeadLetterData,
  meta: EventContext & { readonly key: string | null },
): OutgoingRecord {
  const data = checked(DeadLetterData, { ...input, detail: input.detail.slice(0, MAX_DETAIL_CHARS) });
  const key = meta.key !== null && isContractKey(meta.key) ? meta.key : null;
  return record(TOPICS.deadLetters, key, EVENT_TYPES.deadLetter, data, meta);
}

/** `<tenant>` or `<tenant>/<mailbox>` (CONTRACT section 3). */
function isContractKey(key: string): boolean {
  const [tenant = '', mailbox, ...rest] = key.split('/');
  return rest.length === 0 && TENANT_ID_PATTERN.test(tenant) && (mailbox === undefined || isMailbox(mailbox));
}

function checked<T>(schema: Schema<T>, input: unknown): T {
  const result = check(schema, input);
  if (!result.ok) throw new TypeError(`an event that the contract does not know: ${summary(result.faults)}`);
  return result.value;
}

function record(
  topic: string,
  key: string | null,
  type: string,
  data: unknown,
  { id, source, time, traceparent, tracestate }: EventContext,
  subject?: string,
): OutgoingRecord {
  const event = encodeEvent({
    id,
    source,
    type,
    time,
    ...(subject === undefined ? {} : { subject }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
    data,
  });
  return { topic, key, ...event };
}

const messageSubject = (data: { readonly mailbox: string; readonly messageId: string }): string =>
  `${data.mailbox}/${data.messageId}`;
