import type { LogRecord, TopicSettings } from './port.ts';

/** Carries the time of a retried record's first taking, RFC 3339 (CONTRACT section 3). */
export const FIRST_TAKEN_HEADER = 'voicemail-first-taken';

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
