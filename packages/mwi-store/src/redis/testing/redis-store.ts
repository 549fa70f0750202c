import { systemClock, systemIds } from '@voicemail/runtime';
import { onTestFinished } from 'vitest';
import type { MwiStore } from '../../port.ts';
import type { RedisMwiStoreOptions } from '../options.ts';
import { openRedisMwiStore } from '../open.ts';

export const NOON_MS = Date.parse('2026-11-02T12:00:00Z');

/** Of a server that a test has started, how it is reached. */
interface Reached {
  readonly url: string;
  readonly nodes: readonly unknown[];
  readonly replica?: { readonly sentinel: { readonly url: string; readonly name: string } };
}

/** How a server is reached: by itself, as a cluster, or by its Sentinel where it has a replica. */
export function optionsOf({ url, nodes, replica }: Reached): Pick<RedisMwiStoreOptions, 'urls' | 'topology'> {
  if (replica !== undefined) {
    return { urls: [replica.sentinel.url], topology: { sentinelName: replica.sentinel.name } };
  }
  return nodes.length > 1 ? { urls: [url], topology: 'cluster' } : { urls: [url] };
}

/** Opens a store that is closed when the test is over. */
export async function openStore(server: Reached, options: Partial<RedisMwiStoreOptions> = {}): Promise<MwiStore> {
  const store = await openRedisMwiStore({
    ...optionsOf(server),
    clock: systemClock(),
    ids: systemIds(),
    ...options,
  });
  onTestFinished(() => store.close());
  return store;
}

/** Whether calls are served now. */
export const isAvailable = (store: MwiStore): Promise<boolean> =>
  store.check().then(
    () => true,
    () => false,
  );
