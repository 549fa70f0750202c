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

/** @throws Refusal `unknown-region`. */
export function regionStore(stores: TenantStores, region: string): ObjectStore {
  const found = stores.regions.find(({ name }) => name === region);
  if (found === undefined) throw new Refusal('unknown-region', `the tenant has no region ${JSON.stringify(region)}`);
  return found.store;
}
