import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  /** The lines that it wrote so far. */
  readonly lines: readonly string[];
  /** Resolves when there are that many lines, or when it has ended. */
  wrote(count: number): Promise<void>;
  /** Resolves when it has ended and every line was read. */
  readonly ended: Promise<void>;
}

/** Starts a program in a process of its own; it is killed after the test. */
export function startChild(program: URL, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => {});
  return {
    process: child,
    lines,
    ended,
    wrote: async (count) => {
      while (lines.length < count) {
        const outcome = await Promise.race([once(reader, 'line').then(() => 'line'), ended.then(() => 'ended')]);
        if (outcome === 'ended') return;
      }
    },
  };
}
