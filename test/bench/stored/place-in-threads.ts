import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { PlacedMessages } from './place-messages.ts';

const WORKER = new URL('./place-worker.ts', import.meta.url);
const MAX_THREADS = 2;

/** Places messages in threads, each its share. @throws Error when one of them fails. */
export async function placeInThreads(messages: Omit<PlacedMessages, 'step'>): Promise<void> {
  const step = Math.min(MAX_THREADS, availableParallelism());
  await Promise.all(
    Array.from({ length: step }, async (_, first) => {
      const workerData: PlacedMessages = { ...messages, from: messages.from + first, step };
      const [exitCode] = (await once(new Worker(WORKER, { workerData }), 'exit')) as [number];
      if (exitCode !== 0) throw new Error('a thread that places messages has failed');
    }),
  );
}
