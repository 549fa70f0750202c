import type { EventLog } from '../port.ts';

/** Handles `count` records of a topic's backlog, slowly. @returns the most memory that was held meanwhile, in bytes. */
export async function consumeBacklog(log: EventLog, topic: string, count: number): Promise<number> {
  let handled = 0;
  let most = 0;
  const enough = Promise.withResolvers<void>();
  await log.subscribe({
    group: 'group',
    topics: [topic],
    maxInFlight: 8,
    maxBufferedRecords: 500,
    maxBufferedBytes: 4_000_000,
    handle: async () => {
      handled += 1;
      if (handled % 100 === 0) {
        globalThis.gc?.();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        most = Math.max(most, heapUsed + arrayBuffers);
      }
      if (handled === count) enough.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  await enough.promise;
  return most;
}
