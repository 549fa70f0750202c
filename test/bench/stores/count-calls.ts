import { observed } from '@voicemail/object-store';
import { systemClock } from '@voicemail/runtime';
import type { TenantStores } from '@voicemail/message-store';
import { openFaultProxy } from '@voicemail/testing';
import type { BareStore } from '../bare/bare-store.ts';
import { concurrently } from '../load/concurrently.ts';
import { callsOfOne, type Calls } from '../measure/store-calls.ts';
import type { Place, StoreHost } from './host.ts';
import { openTenant } from './tenant.ts';

/** Looked at once a second while the store is in use, whatever is done in it: not a call of what is counted. */
const IDENTITY = '/.identity';

/**
 * What one of `count` things asks of a tenant's store: requests that come to a server, on a volume calls of the port. One more is
 * done before, for what only the first has to ask.
 */
export async function callsOfOurs(
  host: StoreHost,
  place: Place,
  folder: string,
  count: number,
  work: (stores: TenantStores, index: number) => Promise<unknown>,
): Promise<Calls> {
  if (host.url !== null) {
    return requestsOf(host.url, count, async (url) => {
      const tenant = await openTenant(folder, await place.storage(url));
      return {
        run: (index) => work(tenant.stores, index),
        close: async () => tenant[Symbol.asyncDispose](),
      };
    });
  }
  await using tenant = await openTenant(folder, await place.storage());
  const calls: Record<string, number> = {};
  const note = (operation: string): void => void (calls[operation] = (calls[operation] ?? 0) + 1);
  const { name, store } = tenant.stores.master;
  const master = { name, store: observed(store, note, systemClock()) };
  const stores = { ...tenant.stores, master, regions: [master] };
  await concurrently(count, count, (index) => work(stores, index));
  return callsOfOne(calls, count);
}

/** The same of a store without an adapter; on a volume there is nothing that could be counted but its puts. */
export async function callsOfBare(
  host: StoreHost,
  place: Place,
  count: number,
  work: (store: BareStore, index: number) => Promise<unknown>,
): Promise<Calls> {
  if (host.url !== null) {
    return requestsOf(host.url, count, async (url) => {
      const store = await place.bare(url);
      return { run: (index) => work(store, index), close: async () => store.close() };
    });
  }
  const store = await place.bare();
  let put = 0;
  const counting: BareStore = {
    ...store,
    put: (object) => {
      put += 1;
      return store.put(object);
    },
  };
  await concurrently(count, count, (index) => work(counting, index));
  return callsOfOne({ put }, count);
}

interface Opened {
  readonly run: (index: number) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

async function requestsOf(serverUrl: string, count: number, open: (url: string) => Promise<Opened>): Promise<Calls> {
  await using proxy = await openFaultProxy(serverUrl);
  const { run, close } = await open(proxy.url);
  try {
    await run(count);
    proxy.requests.clear();
    await concurrently(count, count, run);
  } finally {
    await close();
  }
  const calls: Record<string, number> = {};
  for (const { method, path } of proxy.requests.all()) {
    if (path.includes(IDENTITY)) continue;
    const kind = kindOf(method, path);
    calls[kind] = (calls[kind] ?? 0) + 1;
  }
  return callsOfOne(calls, count);
}

function kindOf(method: string, path: string): string {
  const query = new URL(path, 'http://store').searchParams;
  if (query.has('list-type') || query.get('comp') === 'list') return 'list';
  if (query.get('comp') === 'blobs') return 'find';
  return method.toLowerCase();
}
