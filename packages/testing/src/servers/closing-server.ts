import { Worker } from 'node:worker_threads';
import { afterTest } from '../after-test.ts';

/** A server that closes connections that are idle for a moment, without saying so before (see `closing-server-thread.ts`). */
export interface ClosingServer {
  readonly url: string;
  /** Blocks this thread, as any long piece of work does, until the server has closed every connection. @throws Error where it does not. */
  readonly untilClosed: () => void;
}

const [CLOSED, PORT, OPENED] = [0, 1, 2];
/** No test's own limit counts while its thread is blocked. */
const LIMIT_MS = 20_000;

/** Runs until the test is over. */
export async function closingServer(): Promise<ClosingServer> {
  const told = new Int32Array(new SharedArrayBuffer(12));
  const server = new Worker(new URL('./closing-server-thread.ts', import.meta.url), { workerData: told });
  await afterTest(async () => void (await server.terminate()));
  await Atomics.waitAsync(told, PORT, 0).value;
  return {
    url: `http://127.0.0.1:${Atomics.load(told, PORT)}`,
    untilClosed: () => {
      for (;;) {
        const closed = Atomics.load(told, CLOSED);
        if (closed === Atomics.load(told, OPENED)) return;
        if (Atomics.wait(told, CLOSED, closed, LIMIT_MS) === 'timed-out') {
          throw new Error('the server does not close its connections');
        }
      }
    },
  };
}
