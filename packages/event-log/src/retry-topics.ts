import type { LogRecord, TopicSettings } from './port.ts';

/** Carries the time of a retried record's first taking, RFC 3339 (CONTRACT section 3). */
export const FIRST_TAKEN_HEADER = 'voicemail-first-taken';

/** Carries where a retried record was taken first, `<partition>/<offset>` of its own topic. */
export const FIRST_POSITION_HEADER = 'voicemail-first-position';

export interface RetryDelay {
  /** The last part of the retry topic's name, e.g. `10s`. */
  readonly name: string;
  readonly ms: number;
}

export function retryTopicName(topic: string, delay: RetryDelay): string {
  return `${topic}.retry.${delay.name}`;
}

/**
 * The retry topics of a topic, cleaned as it is: what holds a caller's data is trimmed by the same rule.
 * @throws RangeError for a compacted topic: a later record of the key would remove one that still has to be retried.
 */
export function retryTopics(topic: TopicSettings, delays: readonly RetryDelay[]): TopicSettings[] {
  if (topic.cleanup.kind === 'compact') {
    throw new RangeError(`${topic.name} is compacted: its records are retried in place, not through retry topics`);
  }
  return delays.map((delay) => ({
    name: retryTopicName(topic.name, delay),
    cleanup: topic.cleanup,
    delayMs: delay.ms,
  }));
}

/**
 * When the log first took the record, ms since the epoch: what the header says, or the append of this record. Never
 * later than this append, so that a header from outside cannot keep a record young for ever.
 */
export function firstTaken(record: LogRecord): number {
  const header = record.headers[FIRST_TAKEN_HEADER];
  const takenAt = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(takenAt) ? record.appendedAt : Math.min(takenAt, record.appendedAt);
}

/**
 * Where the log first took the record: a record of a retry topic says so itself, any other lies there.
 * @param topic the topic that the record came to first.
 */
export function firstPosition(
  record: LogRecord,
  topic: string,
): { readonly partition: number; readonly offset: number } {
  const { partition, offset, headers } = record;
  const found = /^(\d{1,9})\/(\d{1,15})$/.exec(headers[FIRST_POSITION_HEADER] ?? '');
  if (record.topic === topic || found === null) return { partition, offset };
  return { partition: Number(found[1]), offset: Number(found[2]) };
}
