import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterTest } from './after-test.ts';
import { onLeash } from './servers/leash.ts';
import { waitFor, type WaitOptions } from './wait-for.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface SpawnOptions {
  /** A file of the project and its arguments; `services/voicemail/src/main.ts start` unless told. */
  readonly command?: readonly string[];
  /** Added to a bare environment: nothing of the machine's own configuration gets in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; the checkout unless told. */
  readonly cwd?: string;
  /** Flags of node itself. */
  readonly nodeArgs?: readonly string[];
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A node process of the project. It is signalled by its own id: no package runner stands between. */
export interface Spawned extends AsyncDisposable {
  readonly pid: number;
  /** Everything it has said so far, both streams in the order of arrival. */
  output(): string;
  stdout(): string;
  stderr(): string;
  /** Writes to its standard input, and ends it. */
  end(text?: string): void;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has ended and its last word was read. */
  readonly exited: Promise<Exit>;
  /** Signals, and waits for the end. @throws Error after the limit, and kills. */
  stop(signal?: NodeJS.Signals, options?: WaitOptions): Promise<Exit>;
  /** @throws Error when it ends first, or after the limit. */
  waitForOutput(pattern: RegExp, options?: WaitOptions): Promise<RegExpExecArray>;
  /** Waits until `GET <url>/readyz` is 200. @throws Error when it ends first, or after the limit. */
  waitUntilReady(url: string, options?: WaitOptions): Promise<void>;
}

/** Starts a process that the caller disposes of; `spawned` is the one for tests. */
export function openSpawned(options: SpawnOptions = {}): Spawned {
  const [file = '', ...args] = options.command ?? ['services/voicemail/src/main.ts', 'start'];
  const child = spawn(
    process.execPath,
    [...(options.nodeArgs ?? []), new URL(file, `file://${ROOT}`).pathname, ...args],
    {
      cwd: options.cwd ?? ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
      stdio: 'pipe',
    },
  );
  // A test run that is killed leaves nobody behind.
  const letGo = child.pid === undefined ? () => undefined : onLeash(child.pid);
  const said = { all: '', stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said.all += text;
      said[stream] += text;
    });
  }
  // Writing to a process that has ended is no failure of the test; its exit is looked at.
  child.stdin.on('error', () => undefined);
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      letGo();
      resolve((exit = { code, signal }));
    });
  });

  const lookWhileAlive =
    <T>(look: () => T | Promise<T>) =>
    async (): Promise<T | 'ended'> => {
      const seen = await look();
      return exit !== undefined && !seen ? 'ended' : seen;
    };
  const waitWhileAlive = async <T>(what: string, look: () => T | Promise<T>, limits?: WaitOptions): Promise<T> => {
    const told = (why: string, cause?: unknown): Error =>
      new Error(`${why}\n--- output of the process ---\n${said.all}`, { cause });
    const seen = await waitFor(what, lookWhileAlive(look), Boolean, { limitMs: 60_000, ...limits }).catch(
      (error: unknown) => {
        throw told(error instanceof Error ? error.message : String(error), error);
      },
    );
    if (seen === 'ended') throw told(`The process ended (${JSON.stringify(exit)}) before this: ${what}.`);
    return seen;
  };
  const stop: Spawned['stop'] = async (signal = 'SIGTERM', limits) => {
    if (exit === undefined) child.kill(signal);
    try {
      await waitFor(`the process ends after ${signal}`, () => exit, Boolean, limits);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${(error as Error).message}\n--- output of the process ---\n${said.all}`, { cause: error });
    }
    return exited;
  };

  return {
    pid: child.pid ?? 0,
    output: () => said.all,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    end: (text) => void child.stdin.end(text),
    signal: (signal) => void child.kill(signal),
    exited,
    stop,
    waitForOutput: async (pattern, limits) => {
      const found = await waitWhileAlive(`its output has ${String(pattern)}`, () => pattern.exec(said.all), limits);
      if (found === null) throw new Error('unreachable: it was waited for');
      return found;
    },
    waitUntilReady: async (url, limits) => {
      await waitWhileAlive(`${url}/readyz is 200`, () => isReady(url), limits);
    },
    [Symbol.asyncDispose]: async () => {
      if (exit === undefined) child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Starts a process that is killed, at the latest, when the test is over. */
export async function spawned(options: SpawnOptions = {}): Promise<Spawned> {
  const process = openSpawned(options);
  await afterTest(() => process[Symbol.asyncDispose]());
  return process;
}

/** A server that does not answer yet is not ready; what it is instead is told by its output. */
async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch (error) {
    if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return false;
    throw error;
  }
}
