/** A record as any log gives it. Header names are in lower case; the position and time serve a tombstone without attributes. */
export interface EventRecord {
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition?: number;
  readonly offset?: number;
  /** ms since the epoch, by the log's clock. */
  readonly appendedAt?: number;
}

/** A record to be appended. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

export const CONTENT_TYPE = 'content-type';
/** The media type of structured mode. */
export const STRUCTURED = 'application/cloudevents+json';
/** What a record header of an attribute begins with in binary mode (CloudEvents Kafka binding §3.2.3). */
export const ATTRIBUTE_PREFIX = 'ce_';
