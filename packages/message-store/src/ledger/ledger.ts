import { emptyLedger, type LedgerEntry, type LedgerState } from '@voicemail/domain';
import { StoreError } from '@voicemail/object-store';
import { inTurn, type Clock } from '@voicemail/runtime';
import { inBatches } from '../in-batches.ts';
import { createJson, readJson } from '../json-document.ts';
import { ledgerEntryKey, ledgerPrefix } from '../keys.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { ledgerEntry } from './entry-document.ts';
import { ledgerSegments } from './segments.ts';

/** Entries that are read at once while a ledger is caught up with. */
const READ_CONCURRENCY = 16;

/** A tenant's ledger of requests and legal holds, as this process knows it: numbered entries in the master region, each created once and never changed. */
export interface Ledger {
  /** As of the last look. Grows in place. */
  readonly state: LedgerState;
  /** Reads what others appended. */
  refresh(): Promise<LedgerState>;
  /**
   * What the ledger said at a moment not longer ago than this; a look at the store only where the last one is older. By the monotonic clock: a
   * process that was stopped notices. @throws StoreError where it cannot be read: nobody may go by what is older.
   */
  within(maxAgeMs: number): Promise<LedgerState>;
  /** Appends an entry, if nobody appended one since the last look. false where somebody did: what they said is in the state then. */
  append(entry: LedgerEntry): Promise<boolean>;
  /** Runs work that appends when all such work of this process that came before is done: only other processes come before its entry. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** @param segmentFailed see `ledgerSegments`. */
export function openLedger(
  { tenant, master }: TenantStores,
  clock: Clock,
  segmentFailed: (error: StoreError) => void,
): Ledger {
  const state = emptyLedger();
  const { store } = master;
  const prefix = ledgerPrefix(tenant);
  const segments = ledgerSegments(tenant, store, segmentFailed);
  /** When the last look that was successful began. */
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  const turns = inTurn();

  const look = async (): Promise<void> => {
    const beganMs = clock.monotonicMs();
    const isFirst = lookedAtMs === Number.NEGATIVE_INFINITY;
    if (isFirst) await readSegments();
    const keys = store.list(prefix, state.last === 0 ? {} : { after: ledgerEntryKey(tenant, state.last) });
    const read = async ({ key }: { readonly key: string }): Promise<readonly [number, LedgerEntry]> => {
      const stored = await readJson(store, key, ledgerEntry);
      if (stored === null)
        throw new StoreError('corrupt', 'get', key, 'an entry of the ledger is listed and not there');
      return [Number(key.slice(prefix.length)), stored.value];
    };
    for await (const [number, entry] of inBatches(keys, READ_CONCURRENCY, read)) {
      // Listed by another look of this process, or appended by it meanwhile.
      if (number > state.last) apply(number, entry);
    }
    lookedAtMs = beganMs;
    if (isFirst) segments.keepUpTo(state.last);
  };
  const readSegments = async (): Promise<void> => {
    let number = 0;
    for await (const entries of segments.read()) {
      for (const entry of entries) {
        number += 1;
        // Of a look that failed behind it.
        if (number > state.last) apply(number, entry);
      }
    }
  };
  const apply = (number: number, entry: LedgerEntry): void => {
    if (number !== state.last + 1) {
      const missing = ledgerEntryKey(tenant, state.last + 1);
      throw new StoreError('corrupt', 'list', missing, 'an entry of the ledger is missing, and later ones are there');
    }
    state.apply(number, entry);
  };
  const settled = async (): Promise<void> => {
    for (let underWay = looking; underWay !== null; underWay = looking) await underWay.catch(() => undefined);
  };
  /** Looks that are wanted while one is under way wait for the next: that one began before them. */
  const refresh = async (): Promise<LedgerState> => {
    await settled();
    looking = look().finally(() => {
      looking = null;
    });
    await looking;
    return state;
  };

  return {
    state,
    refresh,
    within: async (maxAgeMs) => {
      const isYoung = (): boolean => clock.monotonicMs() - lookedAtMs <= maxAgeMs;
      if (looking !== null && !isYoung()) await looking.catch(() => undefined);
      return isYoung() ? state : refresh();
    },
    append: async (entry) => {
      await settled();
      const number = state.last + 1;
      if (await createJson(store, ledgerEntryKey(tenant, number), entry)) {
        // A look may have read it before this process was told that it is there.
        if (state.last < number) apply(number, entry);
        segments.keepUpTo(state.last);
        return true;
      }
      await refresh();
      return false;
    },
    inTurn: (work) => turns('append', work),
  };
}
