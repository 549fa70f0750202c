import { emptyLedger, type LedgerEntry, type LedgerState } from '@voicemail/domain';
import type { StoreError } from '@voicemail/object-store';
import { inTurn, type Clock } from '@voicemail/runtime';
import { createJson } from '../json-document.ts';
import { ledgerEntryKey } from '../keys.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { applyEntry, readEntries, readSegments } from './read-ledger.ts';
import { ledgerSegments } from './segments.ts';

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
export function openLedger(stores: TenantStores, clock: Clock, segmentFailed: (error: StoreError) => void): Ledger {
  const state = emptyLedger();
  const { tenant } = stores;
  const { store } = stores.master;
  const segments = ledgerSegments(tenant, store, segmentFailed);
  /** When the last look that was successful began. */
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  const turns = inTurn();

  const look = async (): Promise<void> => {
    const beganMs = clock.monotonicMs();
    const isFirst = lookedAtMs === Number.NEGATIVE_INFINITY;
    if (isFirst) await readSegments(stores, state, segments);
    await readEntries(stores, state);
    lookedAtMs = beganMs;
    if (isFirst) segments.keepUpTo(state.last);
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
        applyEntry(tenant, state, number, entry);
        segments.keepUpTo(state.last);
        return true;
      }
      await refresh();
      return false;
    },
    inTurn: (work) => turns('append', work),
  };
}
