import type { Admin } from 'kafkajs';
import type { LogRecord } from '../port.ts';
import { fetchRange, type Range } from './fetch.ts';
import { kafkaError } from './kafka-error.ts';
import { READ_FETCH_BYTES } from './limits.ts';

/** Kafka's `READ_UNCOMMITTED`. */
const OPEN_TRANSACTIONS_TOO = 0;

/**
 * The records of a topic, one partition after the other, up to the ends as they are at the call. What a transaction has appended is
 * there though the brokers have not marked its end yet: that is waited for.
 * @param assertOpen throws when the log was closed.
 */
export function readTopic(
  admin: Admin,
  topic: string,
  fromOffset: number,
  assertOpen: () => void,
): AsyncIterable<LogRecord> {
  const ranges = rangesOf(admin, topic, fromOffset);
  // Whoever reads gets the reason.
  ranges.catch(() => {});
  return records(admin, topic, ranges, assertOpen);
}

async function rangesOf(admin: Admin, topic: string, fromOffset: number): Promise<readonly Range[]> {
  const offsets = await admin.fetchTopicOffsets(topic, { isolationLevel: OPEN_TRANSACTIONS_TOO });
  return offsets
    .map(({ partition, low, high }) => ({
      topic,
      partition,
      offset: Math.max(fromOffset, Number(low)),
      end: Number(high),
    }))
    .toSorted((one, other) => one.partition - other.partition);
}

async function* records(
  admin: Admin,
  topic: string,
  ranges: Promise<readonly Range[]>,
  assertOpen: () => void,
): AsyncGenerator<LogRecord> {
  try {
    for (const range of await ranges) {
      for await (const fetched of fetchRange(admin, range, READ_FETCH_BYTES)) {
        for (const record of fetched) {
          assertOpen();
          yield record;
        }
      }
    }
  } catch (error) {
    throw kafkaError(`${topic} cannot be read`, error);
  }
}
