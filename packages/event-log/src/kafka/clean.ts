import type { Clock, Ids } from '@voicemail/runtime';
import type { Admin } from 'kafkajs';
import type { Cleanup, NewRecord, TopicSettings } from '../port.ts';
import { groupOffsets, type PartitionProgress } from './group-offsets.ts';
import { kafkaError } from './kafka-error.ts';
import { LAG_FETCH_BYTES } from './limits.ts';
import { isMarker, marker } from './marker.ts';
import { toLogRecord } from './record.ts';

export interface CleanerParts {
  readonly admin: Admin;
  readonly topics: readonly TopicSettings[];
  /** Appends to this very partition. */
  readonly appendTo: (partition: number, record: NewRecord) => Promise<void>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'uuid'>;
}

type Trim = Extract<Cleanup, { readonly kind: 'trim' }>;

/**
 * Trims the topics that are trimmed; all else the brokers do by the topics' settings. Bytes leave the disk a little later: when the
 * segment is over, and the brokers have looked.
 * @returns how many offsets went. @throws LogError; what was done until then stays done.
 */
export async function trimTopics(parts: CleanerParts): Promise<number> {
  let removed = 0;
  for (const { name, cleanup } of parts.topics) {
    if (cleanup.kind !== 'trim') continue;
    try {
      removed += await trimTopic(parts, name, cleanup);
    } catch (error) {
      throw kafkaError(`${name} cannot be trimmed`, error);
    }
  }
  return removed;
}

async function trimTopic(parts: CleanerParts, topic: string, cleanup: Trim): Promise<number> {
  const { admin, clock } = parts;
  // The leaders as they are now: the client asks those that it knows.
  await admin.fetchTopicMetadata({ topics: [topic] });
  // Before the groups' progress, so that what is appended meanwhile is younger than all that is looked at.
  const due = await admin.fetchTopicOffsetsByTimestamp(topic, clock.now() - cleanup.afterMs + 1);
  const progress = await Promise.all(cleanup.groups.map((group) => groupOffsets(admin, group, topic)));
  const offsets = await admin.fetchTopicOffsets(topic);
  const boundaries = offsets
    .map(({ partition, low, high }) => ({
      partition,
      oldest: Number(low),
      end: Number(high),
      offset: boundaryOf(partition, due, progress),
    }))
    .filter(({ oldest, offset }) => offset > oldest);
  for (const { partition, offset, end } of boundaries) {
    if (offset === end) await closeSegment(parts, topic, partition, end);
  }
  if (boundaries.length === 0) return 0;
  await admin.deleteTopicRecords({
    topic,
    partitions: boundaries.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
  });
  return boundaries.reduce((sum, { oldest, offset }) => sum + offset - oldest, 0);
}

/** Everything before it is old enough, and every group is done with it. */
function boundaryOf(
  partition: number,
  due: readonly { readonly partition: number; readonly offset: string }[],
  progress: readonly (readonly PartitionProgress[])[],
): number {
  const old = Number(due.find((one) => one.partition === partition)?.offset ?? 0);
  const done = progress.map((group) => group.find((one) => one.partition === partition)?.next ?? 0);
  return Math.min(old, ...done);
}

/**
 * Appends a marker where the last record is about to go and no other one has come for so long: the segment that it is in would stay
 * until one does. Where it is a marker itself, nothing else is in its segment.
 */
async function closeSegment(parts: CleanerParts, topic: string, partition: number, end: number): Promise<void> {
  const { admin, appendTo, clock, ids } = parts;
  const { messages } = await admin.fetchRecords({
    topic,
    partition,
    offset: String(end - 1),
    maxBytes: LAG_FETCH_BYTES,
    maxWaitTime: 0,
  });
  const last = messages.at(-1);
  if (last !== undefined && isMarker(toLogRecord(topic, partition, last))) return;
  await appendTo(partition, marker(topic, clock, ids));
}
