import type { ObjectStore, StoreError } from '@voicemail/object-store';
import type { Clock } from '@voicemail/runtime';
import type { TenantStores } from '../tenant-stores.ts';
import { openLedger, type Ledger } from './ledger.ts';

/** Every tenant's ledger as this process knows it: one for all services, so that a look of one serves the others. */
export type Ledgers = (stores: TenantStores) => Ledger;

/** @param segmentFailed hears why many entries could not be put into one document: a start is slower until it can. */
export function createLedgers(clock: Clock, segmentFailed: (error: StoreError) => void = () => undefined): Ledgers {
  /** By the master region's store: one that was replaced is read anew. */
  const opened = new WeakMap<ObjectStore, Map<string, Ledger>>();
  return (stores) => {
    const { store } = stores.master;
    const ofStore = opened.get(store) ?? new Map<string, Ledger>();
    opened.set(store, ofStore);
    const ledger = ofStore.get(stores.tenant) ?? openLedger(stores, clock, segmentFailed);
    ofStore.set(stores.tenant, ledger);
    return ledger;
  };
}
