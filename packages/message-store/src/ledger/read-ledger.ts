import { emptyLedger, type LedgerEntry, type LedgerState } from '@voicemail/domain';
import { StoreError } from '@voicemail/object-store';
import { inBatches } from '../in-batches.ts';
import { readJson } from '../json-document.ts';
import { ledgerEntryKey, ledgerPrefix } from '../keys.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { ledgerEntry } from './entry-document.ts';
import { ledgerSegments } from './segments.ts';

const READ_CONCURRENCY = 16;

/** A tenant's ledger as it is now, read once; writes nothing, unlike one that is kept open. @throws StoreError. */
export async function readLedger({ tenant, master: { store } }: TenantStores): Promise<LedgerState> {
  const state = emptyLedger();
  for await (const entries of ledgerSegments(tenant, store, () => undefined).read()) {
    for (const entry of entries) state.apply(state.last + 1, entry);
  }
  const read = async ({ key }: { readonly key: string }): Promise<readonly [string, LedgerEntry | undefined]> => [
    key,
    (await readJson(store, key, ledgerEntry))?.value,
  ];
  const keys = store.list(ledgerPrefix(tenant), state.last === 0 ? {} : { after: ledgerEntryKey(tenant, state.last) });
  for await (const [key, entry] of inBatches(keys, READ_CONCURRENCY, read)) {
    const next = ledgerEntryKey(tenant, state.last + 1);
    if (key !== next || entry === undefined)
      throw new StoreError('corrupt', 'get', next, 'an entry of the ledger is missing');
    state.apply(state.last + 1, entry);
  }
  return state;
}
