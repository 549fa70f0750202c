import type { ObjectStore } from '@voicemail/object-store';
import type { Clock } from '@voicemail/runtime';
import type { TenantStores } from '../tenant-stores.ts';
import { openLedger, type Ledger } from './ledger.ts';

/** Every tenant's ledger as this process knows it: one for all services, so that a look of one serves the others. */
export type Ledgers = (stores: TenantStores) => Ledger;

export function createLedgers(clock: Clock): Ledgers {
  /** By the master region's store: one that was replaced is read anew. */
  const opened = new WeakMap<ObjectStore, Map<string, Ledger>>();
  return (stores) => {
    const { store } = stores.master;
    const ofStore = opened.get(store) ?? new Map<string, Ledger>();
    opened.set(store, ofStore);
    const ledger = ofStore.get(stores.tenant) ?? openLedger(stores, clock);
    ofStore.set(stores.tenant, ledger);
    return ledger;
  };
}
