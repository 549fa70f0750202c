import type { Clock } from '@voicemail/runtime';
import type { Admin } from 'kafkajs';
import type { TopicSettings } from '../port.ts';
import { groupOffsets } from './group-offsets.ts';

/** The end of a partition as it was at some moment: everything before `offset` was there, and due. */
export interface PartitionEnd {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * How far the topics go now, without what belongs to open transactions; of a delayed topic, what is due.
 * @throws what the client throws.
 */
export async function dueEnds(
  admin: Admin,
  topics: readonly TopicSettings[],
  clock: Clock,
): Promise<readonly PartitionEnd[]> {
  const ends = await Promise.all(
    topics.map(async ({ name: topic, delayMs }) => {
      const offsets =
        delayMs === undefined
          ? (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, offset: high }))
          : // The first that is not due; the end where all are.
            await admin.fetchTopicOffsetsByTimestamp(topic, clock.now() - delayMs + 1);
      return offsets.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) }));
    }),
  );
  return ends.flat();
}

/** Whether the group has committed everything before `ends`, whichever member did it. @throws what the client throws. */
export async function hasCommitted(admin: Admin, group: string, ends: readonly PartitionEnd[]): Promise<boolean> {
  const topics = [...new Set(ends.map(({ topic }) => topic))];
  const progress = await Promise.all(
    topics.map(async (topic) => ({ topic, partitions: await groupOffsets(admin, group, topic) })),
  );
  return ends.every(({ topic, partition, offset }) => {
    const found = progress.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition);
    return found !== undefined && found.next >= offset;
  });
}
