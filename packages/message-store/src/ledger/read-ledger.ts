import { emptyLedger, type LedgerEntry, type LedgerState } from '@voicemail/domain';
import { StoreError } from '@voicemail/object-store';
import { inBatches } from '../in-batches.ts';
import { readJson } from '../json-document.ts';
import { ledgerEntryKey, ledgerPrefix } from '../keys.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { ledgerEntry } from './entry-document.ts';
import { ledgerSegments, type LedgerSegments } from './segments.ts';

/** Entries that are read at once. */
const READ_CONCURRENCY = 16;

type Place = Pick<TenantStores, 'tenant' | 'master'>;

/** A tenant's ledger as it is now, read once; writes nothing, unlike one that is kept open. @throws StoreError. */
export async function readLedger(stores: TenantStores): Promise<LedgerState> {
  const state = emptyLedger();
  await readSegments(
    stores,
    state,
    ledgerSegments(stores.tenant, stores.master.store, () => undefined),
  );
  await readEntries(stores, state);
  return state;
}

/** Applies what the segments hold beyond a state; may be repeated after a failure. @throws StoreError. */
export async function readSegments({ tenant }: Place, state: LedgerState, segments: LedgerSegments): Promise<void> {
  let number = 0;
  for await (const entries of segments.read()) {
    for (const entry of entries) applyEntry(tenant, state, (number += 1), entry);
  }
}

/** Applies the entries beyond a state; what comes into it by others meanwhile is passed over. @throws StoreError. */
export async function readEntries({ tenant, master: { store } }: Place, state: LedgerState): Promise<void> {
  const prefix = ledgerPrefix(tenant);
  const keys = store.list(prefix, state.last === 0 ? {} : { after: ledgerEntryKey(tenant, state.last) });
  const read = async ({ key }: { readonly key: string }): Promise<readonly [number, LedgerEntry]> => {
    const stored = await readJson(store, key, ledgerEntry);
    if (stored === null) throw new StoreError('corrupt', 'get', key, 'an entry of the ledger is listed and not there');
    return [Number(key.slice(prefix.length)), stored.value];
  };
  for await (const [number, entry] of inBatches(keys, READ_CONCURRENCY, read)) applyEntry(tenant, state, number, entry);
}

/** Applies an entry unless the state has it. @throws StoreError `corrupt` where one before it is missing. */
export function applyEntry(tenant: string, state: LedgerState, number: number, entry: LedgerEntry): void {
  if (number <= state.last) return;
  if (number !== state.last + 1) {
    const missing = ledgerEntryKey(tenant, state.last + 1);
    throw new StoreError('corrupt', 'list', missing, 'an entry of the ledger is missing, and later ones are there');
  }
  state.apply(number, entry);
}
