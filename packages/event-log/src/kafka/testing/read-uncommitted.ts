import { systemIds } from '@voicemail/runtime';
import { expect, vi } from 'vitest';
import type { KafkaWorld } from './kafka-world.ts';

const END = 'end of what was read';

/** The values of a topic's records as a reader sees them that does not wait for commits: aborted ones too, in the order of the log. */
export async function readUncommitted({ kafka, producer }: KafkaWorld, topic: string): Promise<readonly string[]> {
  const consumer = kafka.consumer({
    groupId: `reader-${systemIds().token()}`,
    readUncommitted: true,
    maxWaitTimeInMs: 100,
  });
  const seen: string[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await producer.send({ topic, messages: [{ key: 'a', value: END }] });
    await consumer.run({
      eachMessage: async ({ message }) => void seen.push(message.value?.toString() ?? ''),
    });
    await vi.waitFor(() => expect(seen.at(-1)).toBe(END), { timeout: 30_000, interval: 20 });
    return seen.slice(0, -1);
  } finally {
    await consumer.disconnect();
  }
}
