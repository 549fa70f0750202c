import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@voicemail/testing';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const STOP_LIMIT_MS = 15_000;

/** A command of the checkout by way of npx and pnpm, as a user types it. */
export interface NpxCommand {
  readonly output: () => string;
  /**
   * Ends it.
   * @param pid of the process that does the work: a signal to npx would end npx and leave that one behind.
   */
  stop(pid: number): Promise<void>;
}

export function startByNpx(given: readonly string[], env: Readonly<Record<string, string>>): NpxCommand {
  const child = spawn('npx', ['-y', 'pnpm@12', ...given], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    output: () => said,
    stop: async (pid) => {
      process.kill(pid, 'SIGTERM');
      await waitFor('npx ends', isOver, Boolean, { limitMs: STOP_LIMIT_MS });
    },
  };
}
