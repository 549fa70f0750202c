import { mailboxKey } from '@voicemail/domain';
import type { Fault } from '../fault.ts';
import { TOPICS } from '../topics.ts';
import { httpAttributes, type HttpHeaders } from './http-attributes.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { InvalidEvent } from './invalid-event.ts';
import { essence } from './json.ts';
import { readRecord } from './read-record.ts';
import { ATTRIBUTE_PREFIX, CONTENT_TYPE, STRUCTURED, type OutgoingRecord } from './record.ts';

/**
 * Reads an event that came over HTTP (CloudEvents HTTP binding §3, binary or structured mode) and translates it to the
 * record that the Kafka binding has for it, ready to be appended. The body of a structured event goes into the record as it is.
 * @throws InvalidEvent with every fault; attributes are named by their HTTP headers.
 * @throws TypeError when it is not one of the incoming topics (`isIncomingTopic`).
 */
export function readHttpEvent(
  topic: string,
  headers: HttpHeaders,
  body: Uint8Array,
): { readonly event: IncomingEvent; readonly record: OutgoingRecord } {
  const { headers: recordHeaders, faults } = httpAttributes(headers);
  const isTombstone = topic === TOPICS.mailboxes && body.length === 0 && !isStructured(recordHeaders);
  const unkeyed = { key: null, value: isTombstone ? null : body, headers: recordHeaders };
  const event = readUnkeyed(topic, unkeyed, faults);
  return { event, record: { topic, ...unkeyed, key: keyOf(event) } };
}

/** The key of CONTRACT section 3. A request that names its tenant by `ccid` alone gets it from whoever knows the tenants: null. */
function keyOf(event: IncomingEvent): string | null {
  if (event.kind === 'gdpr-request') return event.data.tenant ?? null;
  return mailboxKey(event.data.tenant, event.data.mailbox);
}

const isStructured = (headers: Readonly<Record<string, string>>): boolean =>
  essence(headers[CONTENT_TYPE] ?? '') === STRUCTURED;

function readUnkeyed(
  topic: string,
  record: Omit<OutgoingRecord, 'topic'>,
  headerFaults: readonly Fault[],
): IncomingEvent {
  let event: IncomingEvent;
  try {
    event = readRecord(topic, record);
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error;
    const known = new Set(headerFaults.map(({ path }) => path));
    const faults = error.faults.map(asHttp).filter(({ path }) => !known.has(path));
    throw new InvalidEvent(headerFaults.length > 0 ? 'malformed' : error.reason, [...headerFaults, ...faults], error);
  }
  if (headerFaults.length > 0) throw new InvalidEvent('malformed', headerFaults);
  return event;
}

/** A fault in the words of the HTTP binding. */
function asHttp({ path, message }: Fault): Fault {
  return {
    path: path.startsWith(ATTRIBUTE_PREFIX) ? `ce-${path.slice(ATTRIBUTE_PREFIX.length)}` : path,
    message: message.replace(
      `as the value, or its attributes as ${ATTRIBUTE_PREFIX}*`,
      'as the body, or its attributes as ce-*',
    ),
  };
}
