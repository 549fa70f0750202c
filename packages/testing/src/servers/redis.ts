import { availability, type Availability } from './availability.ts';
import { installedRoute, type Route, type RunningServer } from './launch.ts';
import { clusterIsUp, startCluster } from './redis-cluster.ts';
import type { RedisReply } from './redis-command.ts';
import { ownRedis, REDIS, startNode, type RedisNode } from './redis-node.ts';
import { startReplica, type RedisReplica } from './redis-pair.ts';

/** Redis, or Valkey in its place. What it keeps is in memory: `restart` begins empty, unless `appendOnly` was asked for. */
export interface RedisServer extends RunningServer {
  /** Of the first node: `redis://127.0.0.1:<port>`. */
  readonly url: string;
  /** The masters: one, or three of a cluster. To be killed and restarted one by one. */
  readonly nodes: readonly RedisNode[];
  /** Only with `replica`. `kill`, `restart` and `command` of the server do not touch it. */
  readonly replica?: RedisReplica;
  /** Runs a command on every node, as an operator would; gives the first node's answer. */
  command(...words: readonly string[]): Promise<RedisReply>;
}

export interface RedisServerOptions {
  /** Three masters of a cluster. They are started from a program on this machine: containers would not reach each other. */
  readonly cluster?: boolean;
  /** A replica of the one node, and a Sentinel. From a program on this machine too. */
  readonly replica?: boolean;
  /** Whether it writes down each change at once, and has it after a restart. */
  readonly appendOnly?: boolean;
  /** What it may hold, and what it does about more; otherwise all that there is. */
  readonly maxMemory?: { readonly bytes: number; readonly policy: string };
}

/** Redis for tests, a server of one's own for each `start`. */
export async function redisServer(): Promise<Availability<(options?: RedisServerOptions) => Promise<RedisServer>>> {
  const own = await ownRedis();
  const starter = (route: Route) => (options?: RedisServerOptions) => start(own?.route ?? null, route, options);
  return own === null ? availability(REDIS, starter) : { available: true, name: own.name, start: starter(own.route) };
}

async function start(own: Route | null, route: Route, options: RedisServerOptions = {}): Promise<RedisServer> {
  const { cluster = false, replica: isPair = false, appendOnly = false, maxMemory } = options;
  const settings = {
    ...(appendOnly ? { appendonly: 'yes', appendfsync: 'always' } : {}),
    ...(maxMemory === undefined ? {} : { maxmemory: maxMemory.bytes, 'maxmemory-policy': maxMemory.policy }),
  };
  if (cluster && isPair) throw new Error('either a cluster or a replica');
  const nodeRoute = cluster || isPair ? (own ?? (await installedRoute(REDIS))) : route;
  const nodes = cluster ? await startCluster(nodeRoute, settings) : [await startNode(nodeRoute, () => settings)];
  const [first] = nodes;
  const replica = isPair ? await replicaOf(nodeRoute, first!, settings) : undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([...nodes, ...(replica === undefined ? [] : [replica])].map((node) => node.stop()));
  };
  return {
    url: first!.url,
    nodes,
    ...(replica === undefined ? {} : { replica }),
    command: async (...words) => (await Promise.all(nodes.map((node) => node.command(...words))))[0] ?? null,
    stop,
    kill: async () => void (await Promise.all(nodes.map((node) => node.kill()))),
    restart: async () => {
      await Promise.all(nodes.map((node) => node.restart()));
      if (cluster) await clusterIsUp(nodes);
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function replicaOf(
  route: Route,
  primary: RedisNode,
  settings: Readonly<Record<string, string | number>>,
): Promise<RedisReplica> {
  try {
    return await startReplica(route, primary, settings);
  } catch (error) {
    await primary.stop();
    throw error;
  }
}
