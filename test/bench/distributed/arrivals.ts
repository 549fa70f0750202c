import type { Kafka } from 'kafkajs';

const LIMIT_MS = 60_000;

/** Waits for records of topics, key by key. */
export interface Arrivals {
  /** Resolves when the `nth` of a key was seen in a topic, the first being 1. @throws Error after a minute. */
  seen(topic: string, key: string, nth: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads topics from their ends on.
 * @param nthOf which of its key a value is; unless told it is counted.
 */
export async function arrivals(
  kafka: Kafka,
  topics: Readonly<Record<string, ((value: Buffer) => number) | null>>,
): Promise<Arrivals> {
  const reached = new Map<string, number>();
  const waiting = new Map<string, { readonly nth: number; readonly resolve: () => void }[]>();
  const consumer = kafka.consumer({ groupId: 'arrivals' });
  const joined = new Promise<void>((resolve) => void consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await consumer.connect();
  await consumer.subscribe({ topics: Object.keys(topics) });
  await consumer.run({
    partitionsConsumedConcurrently: 24,
    eachMessage: async ({ topic, message: { key, value } }) => {
      const name = `${topic} ${String(key)}`;
      const nth = topics[topic]?.(value ?? Buffer.alloc(0)) ?? (reached.get(name) ?? 0) + 1;
      reached.set(name, nth);
      const still = (waiting.get(name) ?? []).filter((one) => {
        if (one.nth <= nth) one.resolve();
        return one.nth > nth;
      });
      waiting.set(name, still);
    },
  });
  await joined;
  return {
    seen: (topic, key, nth) => {
      const name = `${topic} ${key}`;
      if ((reached.get(name) ?? 0) >= nth) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`record ${nth} of ${name} did not come`)), LIMIT_MS);
        const list = waiting.get(name) ?? [];
        list.push({
          nth,
          resolve: () => {
            clearTimeout(late);
            resolve();
          },
        });
        waiting.set(name, list);
      });
    },
    close: () => consumer.disconnect(),
  };
}
