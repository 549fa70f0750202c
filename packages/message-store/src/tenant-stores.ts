import type { ObjectStore } from '@voicemail/object-store';
import type { CallerHashes } from './caller-hash.ts';
import { Refusal } from './refusal.ts';

export interface RegionStore {
  readonly name: string;
  readonly store: ObjectStore;
}

/** What a message store works on: one tenant, its regions and the stores behind them. */
export interface TenantStores {
  readonly tenant: string;
  /** ISO 3166 alpha-2 codes that decide how a national number is read. */
  readonly defaultCountry: string;
  readonly formerDefaultCountries: readonly string[];
  readonly master: RegionStore;
  /** Every region, the master first. */
  readonly regions: readonly RegionStore[];
  readonly hashes: CallerHashes;
}

/** null for a region that the tenant does not have, or not any more. */
export function findRegion(stores: TenantStores, region: string): RegionStore | null {
  return stores.regions.find(({ name }) => name === region) ?? null;
}

/** @throws Refusal `unknown-region`. */
export function regionOf(stores: TenantStores, region: string): RegionStore {
  const found = findRegion(stores, region);
  if (found === null) throw new Refusal('unknown-region', `the tenant has no region ${JSON.stringify(region)}`);
  return found;
}

/** @throws Refusal `unknown-region`. */
export const regionStore = (stores: TenantStores, region: string): ObjectStore => regionOf(stores, region).store;
