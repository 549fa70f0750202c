import { InvalidTenants, type Region, type Storage, type Tenant } from '@voicemail/contracts';
import type { CallerHashes, ServedTenant } from '@voicemail/message-store';
import type { ObjectStore } from '@voicemail/object-store';
import type { Clock, Ids, Logger, Metrics } from '@voicemail/runtime';
import type { Config } from '../config.ts';
import { CLOSE_STORE_AFTER_MS } from '../limits.ts';
import { callerHashGate, guarded, type CallerHashGate, type TenantInForce } from './caller-hash-gate.ts';
import { notedUse } from './noted-use.ts';
import { observedStore } from './observed-stores.ts';
import { openStore, type OpenStore } from './open-store.ts';
import { seenRegion } from './remembered.ts';
import { absoluteStorage } from './storage.ts';
import { masterMemory, masterPlace } from './verified-master.ts';

/** The region that the deployment's own store says it is. */
const DEPLOYMENT = 'deployment';

export interface RegionStoresOptions {
  readonly config: Config;
  readonly hashes: CallerHashes;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A store that is open, for its sweep. */
export interface OpenRegion extends OpenStore {
  readonly region: string;
}

/** Opens the stores of regions, each place once, and remembers in the data folder which store was seen there. */
export interface RegionStores {
  /** For the tenant directory. Opens also what is down. @throws InvalidTenants for a storage that could never be reached. */
  open(tenant: Tenant, region: Region): Promise<ObjectStore>;
  /** The same without looking whose the tenant is: for who owns the data folder and looks by himself. */
  openUnguarded(tenant: Tenant, region: Region): Promise<ObjectStore>;
  /** That the tenant has the region no longer: when nobody has it, its store is closed a while later. */
  release(tenant: Tenant, region: Region): void;
  /** The deployment's own store, for what belongs to no tenant. */
  openDeployment(): Promise<ObjectStore>;
  /** The gate of each tenant that had a store opened. */
  gates(): ReadonlyMap<string, CallerHashGate>;
  /** Every store that is open. */
  opened(): readonly OpenRegion[];
  /** Closes every store. */
  close(): Promise<void>;
}

interface SharedStore {
  readonly opening: Promise<OpenRegion>;
  /** Which regions of which tenants have it. */
  readonly users: Set<string>;
}

/** @param served the tenant of that id that is in force, by which its gate goes: one of a file that is refused must not move it. */
export function regionStores(
  options: RegionStoresOptions,
  served: (tenantId: string) => ServedTenant | undefined,
): RegionStores {
  const { config, hashes, clock, ids, logger } = options;
  const { clockOffsetMs } = config;
  const shared = new Map<string, SharedStore>();
  const opened = new Set<OpenRegion>();
  const gates = new Map<string, CallerHashGate>();
  const unguarded = new WeakMap<ObjectStore, ObjectStore>();
  const inForce = new WeakMap<ServedTenant, TenantInForce>();
  const stopping = new AbortController();

  const openRegion = async (tenantId: string, storage: Storage, region: string): Promise<OpenRegion> => {
    const seen = seenRegion(config.data, { tenantId, region, storage }, ids);
    const observe = (store: ObjectStore): ObjectStore => observedStore(store, region, options);
    const opening = await openStore({ storage, region, seen, clock, clockOffsetMs, ids, observe });
    const entry = { region, ...opening, store: notedUse(opening.store, seen) };
    opened.add(entry);
    return entry;
  };
  const nameOf = (region: Region): string =>
    JSON.stringify([region.name, absoluteStorage(config.data, region.storage)]);
  const userOf = (tenantId: string, region: Region): string => JSON.stringify([tenantId, region]);
  const storeOf = async (tenantId: string, region: Region): Promise<ObjectStore> => {
    // One place under two regions' names is left to the store, which refuses the second.
    const name = nameOf(region);
    const there = shared.get(name) ?? {
      opening: openRegion(tenantId, absoluteStorage(config.data, region.storage), region.name),
      users: new Set(),
    };
    shared.set(name, there);
    there.users.add(userOf(tenantId, region));
    // What could not be opened is opened anew for the next who asks.
    there.opening.catch(() => shared.delete(name));
    return (await there.opening).store;
  };
  const close = async (entry: OpenRegion): Promise<void> => {
    if (!opened.delete(entry)) return;
    await entry.close().catch((error: unknown) => {
      logger.warn({ err: error, region: entry.region }, 'The store of a region could not be closed');
    });
  };
  const closeLater = async (entry: OpenRegion): Promise<void> => {
    // The stop ends the wait early and closes every store itself.
    await clock.sleep(CLOSE_STORE_AFTER_MS, stopping.signal).catch(() => undefined);
    await close(entry);
  };
  /** A tenant in force as its gate looks at it, who goes round himself. */
  const withoutGate = (tenant: ServedTenant): TenantInForce => {
    const known = inForce.get(tenant);
    if (known !== undefined) return known;
    const regions = tenant.stores.regions.map(({ name, store }) => ({ name, store: unguarded.get(store) ?? store }));
    const [master] = regions;
    const region = tenant.tenant.regions.find(({ name }) => name === master?.name);
    if (master === undefined || region === undefined) throw new TypeError('a checked tenant has a master region');
    const { tenantId } = tenant.tenant;
    const of = { tenantId, region: region.name, storage: absoluteStorage(config.data, region.storage) };
    const seen = seenRegion(config.data, of, ids);
    const made = {
      stores: { ...tenant.stores, master, regions },
      masterPlace: masterPlace(config.data, region),
      isUsed: () => seen.isUsed(),
    };
    inForce.set(tenant, made);
    return made;
  };
  const gateOf = (tenantId: string): CallerHashGate => {
    const now = (): TenantInForce | null => {
      const tenant = served(tenantId);
      return tenant === undefined ? null : withoutGate(tenant);
    };
    const gate = gates.get(tenantId) ?? callerHashGate(hashes, now, masterMemory(config.data, tenantId, ids));
    gates.set(tenantId, gate);
    return gate;
  };

  const openUnguarded = (tenant: Tenant, region: Region): Promise<ObjectStore> =>
    storeOf(tenant.tenantId, region).catch((error: unknown) => {
      // No such place could ever be reached: that is for whoever wrote the file.
      if (!(error instanceof TypeError)) throw error;
      const path = `${tenant.tenantId}.${region.name}.storage`;
      throw new InvalidTenants([{ path, message: `cannot be opened: ${error.message}` }]);
    });

  return {
    openUnguarded,
    open: async (tenant, region) => {
      const store = await openUnguarded(tenant, region);
      const behindGate = guarded(store, gateOf(tenant.tenantId));
      unguarded.set(behindGate, store);
      return behindGate;
    },
    release: ({ tenantId }, region) => {
      const entry = shared.get(nameOf(region));
      entry?.users.delete(userOf(tenantId, region));
      if (entry === undefined || entry.users.size > 0) return;
      shared.delete(nameOf(region));
      void entry.opening.then(closeLater, () => undefined);
    },
    openDeployment: () =>
      storeOf('', { name: DEPLOYMENT, storage: { interface: 'FileSystem', root: config.data.deployment } }),
    gates: () => gates,
    opened: () => [...opened],
    close: async () => {
      stopping.abort(new Error('the stores are closed'));
      await Promise.all([...opened].map(close));
    },
  };
}
