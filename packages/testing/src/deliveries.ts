import type { IncomingTopic, TestEvent } from './events.ts';

/** Body and headers of a `POST /v1/events/{topic}` (CloudEvents HTTP binding). */
export interface EventRequest {
  readonly method: 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A record as a publisher with a Kafka client appends it (CloudEvents Kafka binding). */
export interface EventRecord {
  readonly topic: IncomingTopic;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A header value of the HTTP binding: what is not printable ASCII, and space, double quote and percent, percent-encoded (§3.1.3.2). */
function headerValue(text: string): string {
  return text.replaceAll(/[^\x21\x23\x24\x26-\x7e]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

function request(topic: string, headers: Readonly<Record<string, string>>, body: Uint8Array): EventRequest {
  return { method: 'POST', path: `/v1/events/${topic}`, headers, body };
}

/** The whole event as JSON. */
export function structuredRequest({ topic, event }: TestEvent): EventRequest {
  return request(topic, STRUCTURED, bytesOf(event));
}

export function structuredRecord({ topic, key, event }: TestEvent): EventRecord {
  return { topic, key, value: bytesOf(event), headers: STRUCTURED };
}

/** The data as the body, attributes as headers. A deposit's body is the audio and its attributes are the data (CONTRACT section 3). */
export function binaryRequest(sent: TestEvent): EventRequest {
  const { attributes, contentType, value } = binary(sent);
  const headers = Object.entries(attributes).map(([name, text]) => [`ce-${name}`, headerValue(text)]);
  return request(sent.topic, { 'content-type': contentType, ...Object.fromEntries(headers) }, value);
}

export function binaryRecord(sent: TestEvent): EventRecord {
  const { attributes, contentType, value } = binary(sent);
  const headers = Object.entries(attributes).map(([name, text]) => [`ce_${name}`, text]);
  return {
    topic: sent.topic,
    key: sent.key,
    value,
    headers: { 'content-type': contentType, ...Object.fromEntries(headers) },
  };
}

/** The removal of a mailbox: an empty binary body, over HTTP with the names that a record has in its key. */
export function tombstoneRequest(sent: TestEvent): EventRequest {
  const { 'content-type': _, ...headers } = binaryRequest(sent).headers;
  const { tenant, mailbox } = sent.event.data as { readonly tenant: string; readonly mailbox: string };
  return request(sent.topic, { ...headers, 'ce-tenant': tenant, 'ce-mailbox': mailbox }, new Uint8Array());
}

export function tombstoneRecord(sent: TestEvent): EventRecord {
  const { 'content-type': _, ...headers } = binaryRecord(sent).headers;
  return { topic: sent.topic, key: sent.key, value: null, headers };
}

interface Binary {
  readonly attributes: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly value: Uint8Array;
}

function binary({ topic, event }: TestEvent): Binary {
  const { data, datacontenttype, ...own } = event;
  if (topic !== 'voicemail.deposits') return { attributes: own, contentType: datacontenttype, value: bytesOf(data) };
  const media = data['media'] as {
    readonly contentType: string;
    readonly base64?: string;
    readonly stagedKey?: string;
  };
  const named: Record<string, unknown> = {
    ...own,
    id: data['messageId'],
    time: data['depositedAt'],
    tenant: data['tenant'],
    mailbox: data['mailbox'],
    callerid: data['callerId'],
    region: data['region'],
    priority: data['priority'],
    private: data['private'],
    durationms: data['durationMs'],
    dataref: media.stagedKey,
  };
  // A header cannot say null: an anonymous caller has none.
  const there = Object.entries(named).filter(([, value]) => value !== undefined && value !== null);
  return {
    attributes: Object.fromEntries(there.map(([name, value]) => [name, String(value)])),
    contentType: media.contentType,
    value: new Uint8Array(Buffer.from(media.base64 ?? '', 'base64')),
  };
}
