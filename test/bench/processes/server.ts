import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, waitFor } from '@voicemail/testing';
import type { Target } from '../load/client.ts';
import { startChild, type Child, type ChildOptions } from './child.ts';

/** The operator's command. */
export const MAIN = new URL('../../../services/voicemail/src/main.ts', import.meta.url);
const PACKAGE = new URL('../../../package.json', import.meta.url);
const READY_LIMIT_MS = 60_000;

/** The voicemail server as a user starts it, in a process of its own. */
export interface Server extends Child {
  readonly dataDir: string;
  readonly target: Target;
  text(path: string): Promise<string>;
  json<T>(path: string): Promise<T>;
}

/**
 * @param dataDir made at the first start.
 * @param options.arguments what it runs in place of everything.
 * @param options.env what it is told beside that.
 */
export async function startServer(
  dataDir: string,
  { env: told = {}, ...options }: Pick<ChildOptions, 'arguments' | 'counted' | 'env'> = {},
): Promise<Server> {
  const port = await freePort();
  const env = { DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn', ...told };
  const child = startChild({ module: MAIN, arguments: ['start'], env, nodeArgs: await nodeArgs(), ...options });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(child, url);
  const token = told['VOICEMAIL_TOKEN'] ?? (await readFile(join(dataDir, 'token'), 'utf8')).trim();
  const text = async (path: string): Promise<string> => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${body}`);
    return body;
  };
  const json = async <T>(path: string): Promise<T> => JSON.parse(await text(path)) as T;
  return { ...child, dataDir, text, json, target: { port, headers: { authorization: `Bearer ${token}` } } };
}

/** Those of `npx pnpm start`. */
async function nodeArgs(): Promise<readonly string[]> {
  const { scripts } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

/** @throws Error with what the process said, when it does not become ready. */
export async function waitUntilReady(child: Pick<Child, 'output' | 'stop'>, url: string): Promise<void> {
  try {
    await waitFor(`${url} is ready`, () => isReady(url), Boolean, { limitMs: READY_LIMIT_MS, everyMs: 5 });
  } catch (error) {
    await child.stop();
    throw new Error(`${error instanceof Error ? error.message : 'not ready'}\n${child.output()}`, { cause: error });
  }
}

export async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`);
    await answer.arrayBuffer();
    return answer.ok;
  } catch (error) {
    // Nobody listens yet.
    if (error instanceof TypeError) return false;
    throw error;
  }
}
