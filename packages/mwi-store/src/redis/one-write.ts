import { Cluster, type Redis } from 'ioredis';

/**
 * Called before a command: what is asked for in one turn of the event loop then goes in one write, for each is a call of the system, and
 * wakes the server up. The connections of a cluster write each command by itself.
 */
export function inOneWrite(client: Redis | Cluster): void {
  if (client instanceof Cluster || client.status !== 'ready') return;
  const { stream } = client;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}
