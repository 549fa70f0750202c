import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Invocation, Place, ServerDescription } from './description.ts';

const run = promisify(execFile);
const ANSWER_LIMIT_MS = 3_000;
const PULL_LIMIT_MS = 300_000;

/** Whether the image is at hand: an engine runs here, and has it or can fetch it. */
export async function hasImage({ image }: ServerDescription): Promise<boolean> {
  if (!(await succeeds(['info'], ANSWER_LIMIT_MS))) return false;
  if (await succeeds(['image', 'inspect', image.name], ANSWER_LIMIT_MS)) return true;
  process.stderr.write(`Fetching the image ${image.name}, once.\n`);
  return succeeds(['pull', '--quiet', image.name], PULL_LIMIT_MS);
}

/** The command of the engine's client that stays until the container ends, and passes SIGTERM on to it. */
export function containerCommand(
  { image }: ServerDescription,
  { port, folder }: Place,
  { args, env = {} }: Invocation,
): readonly string[] {
  // As the same user and under the same path, so that the test can look at what the server keeps, and remove it.
  const user = process.getuid === undefined ? [] : ['--user', `${process.getuid()}:${process.getgid?.()}`];
  const names = Object.keys(env).flatMap((name) => ['--env', name]);
  const published = ['--publish', `127.0.0.1:${port}:${port}`, '--volume', `${folder}:${folder}`];
  const ours = ['--rm', '--name', containerName(port), ...user, ...published, ...names];
  return ['docker', 'run', ...ours, image.name, ...image.program, ...args];
}

/** SIGKILL for the server inside: the same signal to the client would leave the container running. */
export async function killContainer(port: number): Promise<void> {
  await run('docker', ['kill', containerName(port)], { timeout: ANSWER_LIMIT_MS });
}

/** A port is one server's alone, so its container's name is too. */
const containerName = (port: number): string => `voicemail-test-${port}`;

async function succeeds(args: readonly string[], limitMs: number): Promise<boolean> {
  try {
    await run('docker', [...args], { timeout: limitMs, killSignal: 'SIGKILL' });
    return true;
  } catch {
    // No client, no engine behind it, or no such image: each means that the server comes another way.
    return false;
  }
}
