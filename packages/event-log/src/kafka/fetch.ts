import type { Admin } from 'kafkajs';
import { LogError } from '../log-error.ts';
import type { LogRecord } from '../port.ts';
import { isMarker } from './marker.ts';
import { toLogRecord } from './record.ts';

/** Part of a partition: from `offset` on, and before `end`. */
export interface Range {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly end: number;
}

/**
 * How long the brokers wait for more where there is nothing: at the end there is, once a new leader has caught up, or once they have
 * ended the transaction of a member that died: the time that it may take, and as long again between two looks of theirs.
 */
const MAX_WAIT_MS = 1_000;
const MAX_EMPTY_ANSWERS = 25;

/**
 * The records of a range, without markers, a fetch at a time and in order. What compaction and transactions left of gaps is passed
 * over; what was removed meanwhile is not there.
 * @throws what the client throws; LogError `unavailable` when the brokers do not give what they said they have.
 */
export async function* fetchRange(admin: Admin, range: Range, maxBytes: number): AsyncGenerator<readonly LogRecord[]> {
  const { topic, partition, end } = range;
  let offset = range.offset;
  let emptyAnswers = 0;
  while (offset < end) {
    const found = await fetchFrom(admin, { ...range, offset }, maxBytes);
    if (found.nextOffset > offset) emptyAnswers = 0;
    else if ((emptyAnswers += 1) >= MAX_EMPTY_ANSWERS) {
      throw new LogError('unavailable', `partition ${partition} of ${topic} ends before offset ${end}; try again`);
    }
    offset = found.nextOffset;
    const records = found.records.filter((record) => record.offset < end && !isMarker(record));
    if (records.length > 0) yield records;
  }
}

interface Fetched {
  readonly records: readonly LogRecord[];
  readonly nextOffset: number;
}

async function fetchFrom(admin: Admin, { topic, partition, offset }: Range, maxBytes: number): Promise<Fetched> {
  try {
    const answer = await admin.fetchRecords({
      topic,
      partition,
      offset: String(offset),
      maxBytes,
      maxWaitTime: MAX_WAIT_MS,
    });
    return {
      records: answer.messages.map((message) => toLogRecord(topic, partition, message)),
      nextOffset: Number(answer.nextOffset ?? offset),
    };
  } catch (error) {
    if (!isOutOfRange(error)) throw error;
    const offsets = await admin.fetchTopicOffsets(topic);
    const oldest = Number(offsets.find((one) => one.partition === partition)?.low ?? 0);
    // Only what was removed is passed over: an offset behind the end is a log that lost what it had.
    if (oldest <= offset) throw error;
    return { records: [], nextOffset: oldest };
  }
}

const isOutOfRange = (error: unknown): boolean => {
  const told = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return told instanceof Error && 'type' in told && told.type === 'OFFSET_OUT_OF_RANGE';
};
