import type { MwiStore } from '../port.ts';
import type { RedisMwiStoreOptions } from './options.ts';

/**
 * The counts in Redis, shared by any number of processes. What Redis loses (a restart, a failover, an eviction) is noticed where it is
 * read or written: the mailbox is unknown until it is recounted. While Redis cannot be reached calls fail at once with `unavailable`,
 * and the connection is made again.
 * @throws MwiError `refused` where Redis does not let us in, or the options are faulty.
 */
export async function openRedisMwiStore(options: RedisMwiStoreOptions): Promise<MwiStore> {
  // A server that has its counts in a file has no use for the client, and starts sooner without.
  const [{ openConnection }, { redisMwiStore }] = await Promise.all([
    import('./connection.ts'),
    import('./redis-mwi-store.ts'),
  ]);
  return redisMwiStore(await openConnection(options), options);
}
