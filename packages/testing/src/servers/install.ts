import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Tool } from './description.ts';
import { withLock } from './install-lock.ts';
import { onLeash } from './leash.ts';
import { toolCache } from './tool-cache.ts';

export interface InstallOptions {
  readonly cache?: string;
  readonly attempts?: number;
  /** Before the second attempt; twice that before the third, and so on. */
  readonly pauseMs?: number;
  readonly attemptLimitMs?: number;
  /** For so long a failure is told again instead of repeated: a run has many files that ask. */
  readonly failureKeptMs?: number;
  /** Where progress is said, a line at a time. */
  readonly say?: (line: string) => void;
}

/** Written last, so a folder without it is none. */
const MARK = '.complete';

/**
 * The folder of a tool, which is installed first where the cache does not have it. Many processes may ask at once: one installs, the
 * others wait for it.
 * @throws Error that says what failed and what the machine must have.
 */
export async function installed(tool: Tool, options: InstallOptions = {}): Promise<string> {
  const { cache = toolCache(), say = (line) => void process.stderr.write(`${line}\n`) } = options;
  const folder = join(cache, `${tool.name}-${tool.version}`);
  if (isComplete(folder)) return folder;
  await mkdir(cache, { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (isComplete(folder)) return folder;
    await refuseAfterFailure(folder, options.failureKeptMs ?? 120_000);
    say(`Installing ${tool.name} ${tool.version} into ${cache}, once; it can take two minutes.`);
    await attempt(tool, folder, { ...options, say });
    return folder;
  });
}

const isComplete = (folder: string): boolean => existsSync(join(folder, MARK));
const failureOf = (folder: string): string => `${folder}.failed`;

async function attempt(tool: Tool, folder: string, options: InstallOptions & Required<Pick<InstallOptions, 'say'>>) {
  const { attempts = 3, pauseMs = 5_000, attemptLimitMs = 600_000, say } = options;
  for (let number = 1; ; number += 1) {
    try {
      return await installOnce(tool, folder, attemptLimitMs);
    } catch (error) {
      const why = `${tool.name} ${tool.version} could not be installed (attempt ${number} of ${attempts}): ${told(error)}`;
      if (number >= attempts) {
        const how = `${why}\nIt takes ${tool.needs}.`;
        await writeFile(failureOf(folder), how);
        throw new Error(how, { cause: error });
      }
      say(why);
      await pause(pauseMs * number);
    }
  }
}

/** Into a folder beside the place, which is renamed when all is there: nobody ever sees a half of it. */
async function installOnce(tool: Tool, folder: string, limitMs: number): Promise<void> {
  const [parent, beginning] = [dirname(folder), `${basename(folder)}.part-`];
  // Under the lock nobody else is at work on these: they are what a killed process left.
  for (const name of await readdir(parent)) {
    if (name.startsWith(beginning)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const part = await mkdtemp(join(parent, beginning));
  try {
    await runToEnd(tool.install(part), { cwd: part, env: { ...process.env, ...tool.installEnv?.(part) }, limitMs });
    await writeFile(join(part, MARK), '');
    if (!isComplete(folder)) {
      await rm(folder, { recursive: true, force: true });
      await rename(part, folder);
    }
    await rm(failureOf(folder), { force: true });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

interface Run {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly limitMs: number;
}

async function runToEnd([file = '', ...args]: readonly string[], { cwd, env, limitMs }: Run): Promise<void> {
  const limits = { timeout: limitMs, maxBuffer: 16 * 1024 * 1024 };
  await new Promise<void>((resolve, reject) => {
    const child = execFile(file, args, { cwd, env, ...limits }, (error, stdout, stderr) => {
      letGo?.();
      if (error === null) resolve();
      else
        reject(
          new Error(`${[file, ...args].join(' ')}: ${lastLines(stderr, stdout) || error.message}`, { cause: error }),
        );
    });
    const letGo = child.pid === undefined ? undefined : onLeash(child.pid);
  });
}

const lastLines = (...texts: readonly string[]): string => texts.join('\n').trim().split('\n').slice(-10).join('\n');
const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function refuseAfterFailure(folder: string, keptMs: number): Promise<void> {
  const file = failureOf(folder);
  if (!existsSync(file) || Date.now() - (await stat(file)).mtimeMs > keptMs) return;
  throw new Error(
    `${await readFile(file, 'utf8')}\nIt is tried again ${keptMs / 1_000} s after that, or when ${file} is gone.`,
  );
}
