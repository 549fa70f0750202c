import { systemIds } from '@voicemail/runtime';
import { expect, vi } from 'vitest';
import type { KafkaWorld } from './kafka-world.ts';

const END = 'end of what was read';

/** The values of a topic's records as a reader sees them that does not wait for commits: aborted ones too, in the order of the log. */
export async function readUncommitted(
  { admin, kafka, producer }: KafkaWorld,
  topic: string,
): Promise<readonly string[]> {
  const consumer = kafka.consumer({
    groupId: `reader-${systemIds().token()}`,
    readUncommitted: true,
    maxWaitTimeInMs: 100,
  });
  const seen: string[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    // At the end of each partition: they are read in no order among each other.
    const ends = await admin.fetchTopicOffsets(topic);
    for (const { partition } of ends) await producer.send({ topic, messages: [{ partition, value: END }] });
    await consumer.run({
      eachMessage: async ({ message }) => void seen.push(message.value?.toString() ?? ''),
    });
    const endsSeen = (): number => seen.filter((value) => value === END).length;
    await vi.waitFor(() => expect(endsSeen()).toBe(ends.length), { timeout: 30_000, interval: 20 });
    return seen.filter((value) => value !== END);
  } finally {
    await consumer.disconnect();
  }
}
