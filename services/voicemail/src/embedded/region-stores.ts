import type { Region, Tenant } from '@voicemail/contracts';
import type { CallerHashes, TenantStores } from '@voicemail/message-store';
import { openFileSystemStore, withTimeout, type FileSystemStore, type ObjectStore } from '@voicemail/object-store';
import type { Clock, Ids, Logger, Metrics } from '@voicemail/runtime';
import type { Config } from '../config.ts';
import { callerHashGate, type CallerHashGate } from './caller-hash-gate.ts';
import { observedStore } from './observed-stores.ts';
import { remembered, seenStore } from './remembered.ts';
import { rootOf } from './tenants-file.ts';

/** A volume that does not answer holds nobody up for longer. */
const STORE_TIMEOUT_MS = 30_000;
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

/** Opens the stores of regions, each folder once, and remembers in the data folder which store was seen there. */
export interface RegionStores {
  /** For the tenant directory. @throws InvalidTenants for a storage that is not served. */
  open(tenant: Tenant, region: Region): Promise<ObjectStore>;
  /** The deployment's own store, for what belongs to no tenant. */
  openDeployment(): Promise<ObjectStore>;
  /** The gate of each tenant that has a store open. */
  gates(): ReadonlyMap<string, CallerHashGate>;
  /** Every volume that is open, for its sweep. */
  volumes(): readonly { readonly name: string; readonly volume: FileSystemStore }[];
}

interface Volume {
  readonly name: string;
  readonly volume: FileSystemStore;
  /** With its layers. */
  readonly store: ObjectStore;
}

export function regionStores(options: RegionStoresOptions): RegionStores {
  const { config, hashes, clock, ids } = options;
  const opening = new Map<string, Promise<Volume>>();
  const opened: Volume[] = [];
  const gates = new Map<string, Promise<CallerHashGate>>();
  const settledGates = new Map<string, CallerHashGate>();

  const openVolume = async (root: string, region: string): Promise<Volume> => {
    const seenIdentity = seenStore(config.data, root, ids);
    const volume = await openFileSystemStore({ root, region, clock, ids, seenIdentity });
    const store = observedStore(withTimeout(volume, STORE_TIMEOUT_MS, clock), region, options);
    const entry = { name: region, volume, store };
    opened.push(entry);
    return entry;
  };
  const volumeOf = (root: string, region: string): Promise<Volume> => {
    // One folder under two regions' names is left to the store, which refuses the second.
    const name = JSON.stringify([root, region]);
    const there = opening.get(name) ?? openVolume(root, region);
    opening.set(name, there);
    return there;
  };
  const masterRoot = (tenant: Tenant): string[] =>
    tenant.regions.filter(({ name }) => name === tenant.masterRegion).map((region) => rootOf(config, tenant, region));
  const makeGate = async (tenant: Tenant): Promise<CallerHashGate> => {
    const regions = await Promise.all(
      tenant.regions.map(async (region) => {
        const { store } = await volumeOf(rootOf(config, tenant, region), region.name);
        return { name: region.name, store };
      }),
    );
    const master = regions.find(({ name }) => name === tenant.masterRegion);
    if (master === undefined) throw new TypeError('a checked tenant has a master region');
    const { tenantId, defaultCountry, formerDefaultCountries } = tenant;
    const stores: TenantStores = { tenant: tenantId, defaultCountry, formerDefaultCountries, master, regions, hashes };
    const gate = callerHashGate(stores, remembered(config.data.seen, `caller-hash key of ${tenantId}`, ids));
    settledGates.set(tenantId, gate);
    return gate;
  };

  return {
    open: async (tenant, region) => {
      const { store } = await volumeOf(rootOf(config, tenant, region), region.name);
      const name = JSON.stringify([tenant.tenantId, masterRoot(tenant)]);
      const gate = gates.get(name) ?? makeGate(tenant);
      gates.set(name, gate);
      return (await gate).guard(store);
    },
    openDeployment: async () => (await volumeOf(config.data.deployment, DEPLOYMENT)).store,
    gates: () => settledGates,
    volumes: () => opened,
  };
}
