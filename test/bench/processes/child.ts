import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@voicemail/testing';
import type { DatabaseCounts, IoCounts } from '../measure/io-counts.ts';

const STOP_LIMIT_MS = 15_000;
/** Loaded before everything else of a process whose disk writes are counted. */
const COUNTING = new URL('./answer-counts.ts', import.meta.url);

/** What a process asked of its disks and its processors so far. */
export interface Counts {
  readonly io: IoCounts;
  readonly databases: DatabaseCounts;
  /** In all its threads, its own time and the system's for it. */
  readonly cpuUs: number;
}

/** A process of the benchmark: signalled by its own id, and gone with `await using`. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Both streams, so far. */
  readonly output: () => string;
  counts(): Promise<Counts>;
  /** SIGTERM, then SIGKILL where that takes too long. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** A module of the project, and its arguments. */
  readonly module: URL;
  readonly arguments?: readonly string[];
  /** All that it finds in its environment, beside PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** false: nothing is loaded before it, and `counts` never resolves. */
  readonly counted?: boolean;
  /** Flags of node itself. */
  readonly nodeArgs?: readonly string[];
}

export function startChild(options: ChildOptions): Child {
  const { module, arguments: given = [], env = {}, counted = true, nodeArgs = [] } = options;
  const child = fork(fileURLToPath(module), given, {
    execArgv: [...nodeArgs, ...(counted ? ['--import', COUNTING.href] : [])],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${module.href} could not be started`);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (isOver()) return;
    child.kill('SIGTERM');
    try {
      await waitFor(`process ${pid} ends`, isOver, Boolean, { limitMs: STOP_LIMIT_MS });
    } finally {
      if (!isOver()) child.kill('SIGKILL');
    }
  };
  return {
    pid,
    output: () => said,
    counts: () => ask(child),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function ask(child: ChildProcess): Promise<Counts> {
  const answered = once(child, 'message') as Promise<[Counts]>;
  child.send('counts');
  const [counts] = await answered;
  return counts;
}
