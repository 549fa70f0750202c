import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../wait-for.ts';
import { launch, type Route } from './launch.ts';
import { asNode, REDIS, startNode, type RedisNode } from './redis-node.ts';

/** What a client asks Sentinel for. */
const NAME = 'voicemail';
const DOWN_AFTER_MS = 500;
const FAILOVER_LIMIT_MS = 3_000;

/** A second node that follows the first, and a Sentinel that watches both and promotes it when the first one is gone. */
export interface RedisReplica extends RedisNode {
  readonly sentinel: { readonly url: string; readonly name: string };
  /** From now on it misses what the first node is told, and Sentinel lets both be. */
  cut(): Promise<void>;
  /** Takes the place of the first node, which is killed, with whatever it has: what it missed is lost. */
  promote(): Promise<void>;
}

/** Starts a replica of a node, and a Sentinel; both run, and agree with the node, when this resolves. */
export async function startReplica(
  route: Route,
  primary: RedisNode,
  settings: Readonly<Record<string, string | number>>,
): Promise<RedisReplica> {
  const replica = await startNode(route, () => ({ ...settings, replicaof: `127.0.0.1 ${primary.port}` }));
  try {
    await waitFor('the replica follows', async () => String(await replica.command('INFO', 'replication')), follows);
    const sentinel = await startSentinel(route, primary.port);
    await waitFor('Sentinel knows the replica', async () => {
      const known = await sentinel.command('SENTINEL', 'REPLICAS', NAME);
      return Array.isArray(known) && known.length === 1;
    });
    const stop = async (): Promise<void> => {
      await Promise.all([sentinel.stop(), replica.stop()]);
    };
    return {
      ...replica,
      sentinel: { url: sentinel.url, name: NAME },
      cut: async () => {
        await sentinel.command('SENTINEL', 'REMOVE', NAME);
        await replica.command('REPLICAOF', 'NO', 'ONE');
      },
      promote: async () => {
        await primary.kill();
        await sentinel.command('SENTINEL', 'MONITOR', NAME, '127.0.0.1', String(replica.port), '1');
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await replica.stop();
    throw error;
  }
}

const follows = (info: string): boolean => info.includes('master_link_status:up');

async function startSentinel(route: Route, primaryPort: number): Promise<RedisNode> {
  const server = await launch(REDIS, route, async ({ host, port, folder }) => {
    const file = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      `bind ${host}`,
      'protected-mode no',
      `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 1`,
      `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${NAME} ${FAILOVER_LIMIT_MS}`,
    ];
    // It writes into it what it finds out, and goes on with that.
    if (!existsSync(file)) await writeFile(file, lines.map((line) => `${line}\n`).join(''));
    return { args: [file, '--sentinel'] };
  });
  return asNode(server);
}
