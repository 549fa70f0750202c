import type { Admin } from 'kafkajs';
import type { Lag } from '../port.ts';
import { fetchRange } from './fetch.ts';
import { groupOffsets, type PartitionProgress } from './group-offsets.ts';
import { kafkaError } from './kafka-error.ts';
import { LAG_FETCH_BYTES } from './limits.ts';

/**
 * How far a group is behind. Offsets are counted, so gaps that compaction and transactions left count as records; where only such are
 * left, none waits. @throws LogError.
 */
export async function groupLag(admin: Admin, group: string, topics: readonly string[]): Promise<readonly Lag[]> {
  try {
    const lags: Lag[] = [];
    for (const topic of topics) {
      const partitions = await groupOffsets(admin, group, topic);
      lags.push(...(await Promise.all(partitions.map((progress) => lagOf(admin, topic, progress)))));
    }
    return lags;
  } catch (error) {
    throw kafkaError(`the progress of group ${group} cannot be read`, error);
  }
}

async function lagOf(admin: Admin, topic: string, { partition, next, end }: PartitionProgress): Promise<Lag> {
  for await (const [oldest] of fetchRange(admin, { topic, partition, offset: next, end }, LAG_FETCH_BYTES)) {
    if (oldest === undefined) continue;
    return { topic, partition, waiting: end - oldest.offset, oldestAppendedAt: oldest.appendedAt };
  }
  return { topic, partition, waiting: 0, oldestAppendedAt: null };
}
