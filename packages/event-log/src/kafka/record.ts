import type { KafkaMessage } from 'kafkajs';
import type { LogHeaders, LogRecord } from '../port.ts';

/**
 * A record as the client gives it. Of a header that is there several times the last one counts, as with Kafka's own client; names are
 * made lower case, and one without a value is none.
 */
export function toLogRecord(topic: string, partition: number, message: KafkaMessage): LogRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key === null ? null : message.key.toString('utf8'),
    value: message.value,
    headers: message.headers === undefined ? {} : logHeaders(message.headers),
    appendedAt: Number(message.timestamp),
  };
}

function logHeaders(headers: NonNullable<KafkaMessage['headers']>): LogHeaders {
  const values: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    // The client's types do not say that a header's value may be null.
    if (last !== undefined && last !== null) values.push([name.toLowerCase(), last.toString()]);
  }
  return Object.fromEntries(values);
}
