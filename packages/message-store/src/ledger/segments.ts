import type { LedgerEntry } from '@voicemail/domain';
import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { z } from 'zod';
import { inBatches } from '../in-batches.ts';
import { createJson, readJson } from '../json-document.ts';
import { ledgerSegmentKey, ledgerSegmentsPrefix } from '../keys.ts';
import { ledgerEntry } from './entry-document.ts';

/** Entries of one segment. */
export const SEGMENT_ENTRIES = 1_000;
/** Segments that are read at once. */
const READ_CONCURRENCY = 4;

const segmentDocument = z.object({ entries: z.array(ledgerEntry).length(SEGMENT_ENTRIES) });

/**
 * A ledger's entries once more, many to a document, so that a process that starts does not read them one by one. Entries never change, so
 * neither does a segment; whoever reads past its last entry puts it, if it is not there. Each may be missing: the entries are there.
 */
export interface LedgerSegments {
  /** The entries of each segment behind an entry, up to one that is not there. None behind an entry that is not the last of its segment. */
  readAfter(number: number): AsyncGenerator<readonly LedgerEntry[]>;
  /** Takes note of every entry, in the order of their numbers. */
  note(number: number, entry: LedgerEntry): void;
  /** Puts the segments that are whole. One that the store does not take now is left to the next process that reads so far. */
  write(): Promise<void>;
}

export function ledgerSegments(tenant: string, store: ObjectStore): LedgerSegments {
  /** Those after the last whole segment. */
  let recent: LedgerEntry[] = [];
  const whole: { readonly key: string; readonly entries: readonly LedgerEntry[] }[] = [];
  /** Keys of segments that were read. */
  const known = new Set<string>();

  const read = async ({ key }: { readonly key: string }) => ({
    key,
    entries: (await readJson(store, key, segmentDocument))?.value.entries ?? null,
  });
  return {
    readAfter: async function* (number) {
      let last = number;
      const keys = store.list(ledgerSegmentsPrefix(tenant), { after: ledgerSegmentKey(tenant, number) });
      for await (const { key, entries } of inBatches(keys, READ_CONCURRENCY, read)) {
        last += SEGMENT_ENTRIES;
        if (entries === null || key !== ledgerSegmentKey(tenant, last)) return;
        known.add(key);
        yield entries;
      }
    },
    note: (number, entry) => {
      recent.push(entry);
      if (number % SEGMENT_ENTRIES !== 0) return;
      const key = ledgerSegmentKey(tenant, number);
      if (!known.delete(key)) whole.push({ key, entries: recent });
      recent = [];
    },
    write: async () => {
      for (const { key, entries } of whole.splice(0)) await createJson(store, key, { entries }).catch(unlessStoreFails);
    },
  };
}

function unlessStoreFails(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}
