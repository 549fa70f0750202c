import type { LedgerEntry } from '@voicemail/domain';
import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { z } from 'zod';
import { inBatches } from '../in-batches.ts';
import { createJson, readJson } from '../json-document.ts';
import { ledgerEntryKey, ledgerSegmentKey, ledgerSegmentsPrefix } from '../keys.ts';
import { ledgerEntry } from './entry-document.ts';

/** A segment ends with so many entries, or as soon as it has so many bytes: what a start has in memory at once. */
export const SEGMENT_ENTRIES = 1_000;
const SEGMENT_BYTES = 4 * 1_024 * 1_024;
/** Segments that are read at once, and entries while one is made. */
const READ_CONCURRENCY = 4;

const segmentDocument = z.object({ first: z.number(), entries: z.array(ledgerEntry).min(1) });
type Segment = z.infer<typeof segmentDocument>;

/**
 * A ledger's entries once more, many to a document, so that a process that starts does not read them one by one. Entries never change, and
 * where a segment ends follows from them, so whoever puts one puts the same. Each may be missing: the entries are there.
 */
export interface LedgerSegments {
  /** The entries of each segment, from the first entry on, up to a segment that is not there. */
  read(): AsyncGenerator<readonly LedgerEntry[]>;
  /** Puts the segments that are whole with the entries up to this one, one after the other; nobody waits for it. */
  keepUpTo(number: number): void;
}

/** @param failed a segment could not be put: it is tried again with later entries, or by the next process that starts. */
export function ledgerSegments(
  tenant: string,
  store: ObjectStore,
  failed: (error: StoreError) => void,
): LedgerSegments {
  /** The last entry of the last segment that is there. */
  let end = 0;
  /** Up to where it was last tried: a store that refuses them is not asked at every entry. */
  let triedTo = 0;
  let keeping: Promise<void> | null = null;

  const readSegment = async ({ key }: { readonly key: string }) => ({
    key,
    segment: (await readJson(store, key, segmentDocument))?.value ?? null,
  });
  const readEntry = async (number: number): Promise<LedgerEntry> => {
    const key = ledgerEntryKey(tenant, number);
    const stored = await readJson(store, key, ledgerEntry);
    if (stored === null) throw new StoreError('corrupt', 'get', key, 'an entry of the ledger is missing');
    return stored.value;
  };
  /** The next segment; null where it is not whole with the entries up to `number`. */
  const next = async (number: number): Promise<Segment | null> => {
    const entries: LedgerEntry[] = [];
    let bytes = 0;
    for await (const entry of inBatches(numbers(end + 1, number), READ_CONCURRENCY, readEntry)) {
      entries.push(entry);
      bytes += JSON.stringify(entry).length;
      if (entries.length === SEGMENT_ENTRIES || bytes >= SEGMENT_BYTES) return { first: end + 1, entries };
    }
    return null;
  };
  const keep = async (number: number): Promise<void> => {
    for (let segment = await next(number); segment !== null; segment = await next(number)) {
      const last = end + segment.entries.length;
      await createJson(store, ledgerSegmentKey(tenant, last), segment);
      end = last;
    }
  };

  return {
    read: async function* () {
      let last = 0;
      for await (const { key, segment } of inBatches(
        store.list(ledgerSegmentsPrefix(tenant)),
        READ_CONCURRENCY,
        readSegment,
      )) {
        if (segment?.first !== last + 1) return;
        last += segment.entries.length;
        if (key !== ledgerSegmentKey(tenant, last)) {
          throw new StoreError(
            'corrupt',
            'get',
            key,
            'a segment of the ledger ends with another entry than its name says',
          );
        }
        end = last;
        yield segment.entries;
      }
    },
    keepUpTo: (number) => {
      if (keeping !== null || number - Math.max(end, triedTo) < SEGMENT_ENTRIES) return;
      triedTo = number;
      keeping = keep(number)
        .catch((error: unknown) => {
          if (!(error instanceof StoreError)) throw error;
          failed(error);
        })
        .finally(() => {
          keeping = null;
        });
    },
  };
}

function* numbers(first: number, last: number): Generator<number> {
  for (let number = first; number <= last; number += 1) yield number;
}
