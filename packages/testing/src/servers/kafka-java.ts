import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Availability } from './availability.ts';
import { installed } from './install.ts';
import { KAFKA } from './kafka.ts';
import { onLeash } from './leash.ts';

const run = promisify(execFile);
const LEAST_VERSION = 17;
const NEEDS = `It takes a JDK, version ${LEAST_VERSION} or later: a runtime alone cannot compile a program's source.`;

/** A program of one source file that runs with Kafka's own client, as somebody else's does. */
export interface JavaProgram {
  /** What it has said so far, both streams. */
  output(): string;
  /** Resolves with all that it said when it has ended well. @throws Error with that otherwise. */
  readonly ended: Promise<string>;
  /** Ends it where it runs. */
  stop(): Promise<void>;
}

/** Starts Java's programs for tests: their sources, and their arguments. */
export async function kafkaJava(): Promise<
  Availability<(source: string, ...args: readonly string[]) => Promise<JavaProgram>>
> {
  const name = `java ${LEAST_VERSION} with the client of kafka ${KAFKA.version}`;
  try {
    const folder = await installed(KAFKA);
    await mustCompile();
    return { available: true, name, start: async (...command) => start(`${folder}/libs/*`, command) };
  } catch (error) {
    return { available: false, name, why: error instanceof Error ? error.message : String(error) };
  }
}

/** @throws Error where there is no compiler, or an old one. */
async function mustCompile(): Promise<void> {
  const { stdout } = await run('javac', ['-version']).catch((error: unknown) => {
    throw new Error(NEEDS, { cause: error });
  });
  if (Number(/^javac (\d+)/.exec(stdout)?.[1] ?? 0) < LEAST_VERSION) throw new Error(NEEDS);
}

function start(classes: string, command: readonly string[]): JavaProgram {
  // The client may say what it wants on its own stream; a test reads what the program says.
  const quiet = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
  const child = spawn('java', [...quiet, '-cp', classes, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const letGo = child.pid === undefined ? () => undefined : onLeash(child.pid);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const closed = once(child, 'close') as Promise<[number | null]>;
  const ended = closed.then(([code]) => {
    letGo();
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${String(code)}: ${said}`);
    return said;
  });
  // One that is stopped has no end to wait for; who waits is told all the same.
  ended.catch(() => undefined);
  return {
    output: () => said,
    ended,
    stop: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
