import type { Admin } from 'kafkajs';

/** A partition, and where a group goes on with it. */
export interface PartitionProgress {
  readonly partition: number;
  /** The oldest offset that is kept. */
  readonly oldest: number;
  /** Where the group goes on: after what it has committed, or at the oldest. */
  readonly next: number;
  /** The end, without what belongs to open transactions. */
  readonly end: number;
}

/** How far a group is with each partition of a topic. @throws what the client throws. */
export async function groupOffsets(admin: Admin, group: string, topic: string): Promise<readonly PartitionProgress[]> {
  // In this order, so that nothing was committed that lies behind the ends.
  const committed = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const offsets = await admin.fetchTopicOffsets(topic);
  const partitions = committed.find((one) => one.topic === topic)?.partitions ?? [];
  return offsets
    .map(({ partition, low, high }) => {
      const oldest = Number(low);
      // Below zero there is none.
      const done = Number(partitions.find((one) => one.partition === partition)?.offset ?? -1);
      return { partition, oldest, next: Math.max(done, oldest), end: Number(high) };
    })
    .toSorted((one, other) => one.partition - other.partition);
}
