import { freePort } from '../free-port.ts';
import { waitFor } from '../wait-for.ts';
import type { Route } from './launch.ts';
import { startNode, type RedisNode } from './redis-node.ts';

const MASTERS = 3;
const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_000;

/** Three masters that have met, each with a third of the slots. */
export async function startCluster(
  route: Route,
  settings: Readonly<Record<string, string | number>>,
): Promise<readonly RedisNode[]> {
  // The others remember a node's bus, so it is the same one after a restart.
  const busPorts = await Promise.all(Array.from({ length: MASTERS }, freePort));
  const outcomes = await Promise.allSettled(
    busPorts.map((busPort) =>
      startNode(route, () => ({
        ...settings,
        'cluster-enabled': 'yes',
        'cluster-port': busPort,
        'cluster-node-timeout': NODE_TIMEOUT_MS,
      })),
    ),
  );
  const nodes = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
  try {
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await form(nodes, busPorts);
    return nodes;
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()));
    throw error;
  }
}

async function form(nodes: readonly RedisNode[], busPorts: readonly number[]): Promise<void> {
  const [first] = nodes;
  for (const [index, node] of nodes.entries()) {
    const range = [index, index + 1].map((part) => Math.floor((SLOTS * part) / MASTERS));
    await node.command('CLUSTER', 'ADDSLOTSRANGE', String(range[0]), String(range[1]! - 1));
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    if (node !== first)
      await first!.command('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(busPorts[index]));
  }
  await clusterIsUp(nodes);
}

/** Resolves when every node knows all others and serves. */
export async function clusterIsUp(nodes: readonly RedisNode[]): Promise<void> {
  for (const node of nodes) {
    await waitFor(
      'the cluster is up',
      async () => String(await node.command('CLUSTER', 'INFO')),
      (info) =>
        info.includes('cluster_state:ok') &&
        info.includes(`cluster_known_nodes:${MASTERS}`) &&
        info.includes(`cluster_size:${MASTERS}`),
    );
  }
}
