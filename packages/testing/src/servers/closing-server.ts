import { Worker } from 'node:worker_threads';
import { afterTest } from '../after-test.ts';

/** A server that closes connections that are idle for a moment, without saying so before (see `closing-server-thread.ts`). */
export interface ClosingServer {
  readonly url: string;
  /** Blocks this thread, as any long piece of work does, until the server has closed so many connections. */
  readonly untilClosed: (count: number) => void;
}

const [CLOSED, PORT] = [0, 1];

/** Runs until the test is over. */
export async function closingServer(): Promise<ClosingServer> {
  const told = new Int32Array(new SharedArrayBuffer(8));
  const server = new Worker(new URL('./closing-server-thread.ts', import.meta.url), { workerData: told });
  await afterTest(async () => void (await server.terminate()));
  await Atomics.waitAsync(told, PORT, 0).value;
  return {
    url: `http://127.0.0.1:${Atomics.load(told, PORT)}`,
    untilClosed: (count) => {
      for (let seen = 0; seen < count; seen = Atomics.load(told, CLOSED)) Atomics.wait(told, CLOSED, seen);
    },
  };
}
