import type { LedgerEntry } from '@voicemail/domain';
import { observed, StoreError, withFaults, type ObjectStore } from '@voicemail/object-store';
import { manualClock } from '@voicemail/runtime';
import { waitFor } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJson } from '../json-document.ts';
import { ledgerEntryKey, ledgerSegmentKey, ledgerSegmentsPrefix } from '../keys.ts';
import { openWorld, START, type World } from '../test-world.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { SEGMENT_ENTRIES } from './segments.ts';

const at = new Date(START).toISOString();
const ENTRIES = SEGMENT_ENTRIES + 50;
const LARGE_ENTRY_BYTES = 300_000;

/** Holds on a message each: a state that tells every entry. */
const entryOf = (number: number, reason = 'a matter before a court'): LedgerEntry => ({
  kind: 'hold-placed',
  holdId: `h${number}`,
  subject: { kind: 'message', mailbox: '9876', messageId: `m${number}` },
  reason,
  until: null,
  at,
});

const numbered = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a ledger of many entries', () => {
  let world: World;
  let failures: StoreError[];

  beforeEach(async () => {
    world = await openWorld();
    failures = [];
  });
  afterEach(async () => {
    const [unexpected] = failures;
    // Nobody waits for what is being put together: it fails from here on.
    await world.remove();
    if (unexpected !== undefined) throw unexpected;
  });

  const place = async (numbers: readonly number[], reason?: string): Promise<void> => {
    const { master, tenant } = world.stores;
    await Promise.all(
      numbers.map((number) => createJson(master.store, ledgerEntryKey(tenant, number), entryOf(number, reason))),
    );
  };
  const opened = (layer: (store: ObjectStore) => ObjectStore): Ledger => {
    const ofThisTest = failures;
    return openLedger(world.behind(layer), manualClock(START), (error) => ofThisTest.push(error));
  };
  /** A new process reads it all. @returns its ledger, and how many documents it read for it. */
  const started = async (): Promise<{ readonly ledger: Ledger; readonly reads: number }> => {
    let reads = 0;
    const counting = (store: ObjectStore): ObjectStore =>
      observed(store, (operation) => void (reads += operation === 'get' ? 1 : 0), world.clock);
    const ledger = opened(counting);
    await ledger.refresh();
    return { ledger, reads };
  };
  const segmentKeys = async (): Promise<string[]> => {
    const { master, tenant } = world.stores;
    return (await Array.fromAsync(master.store.list(ledgerSegmentsPrefix(tenant)))).map(({ key }) => key);
  };
  const segmentKey = (last: number): string => ledgerSegmentKey('t100', last);
  const untilKept = (...lasts: readonly number[]): Promise<unknown> =>
    waitFor(
      `segments end with ${lasts.join(', ')}`,
      segmentKeys,
      (keys) => keys.join() === lasts.map(segmentKey).join(),
    );
  const expectWhole = ({ state }: Ledger, entries: number): void => {
    expect(state.last).toBe(entries);
    expect([...state.holds.all.keys()]).toEqual(numbered(entries).map((number) => `h${number}`));
  };

  it('is read entry by entry once, then by segments and what came after them', async () => {
    await place(numbered(ENTRIES));
    const first = await started();
    expectWhole(first.ledger, ENTRIES);
    expect(first.reads).toBe(ENTRIES);
    await untilKept(SEGMENT_ENTRIES);
    const second = await started();
    expectWhole(second.ledger, ENTRIES);
    expect(second.reads).toBe(1 + (ENTRIES % SEGMENT_ENTRIES));
  });

  it('gets its next segment from whoever appends; where the first is missing, from the next start', async () => {
    await place(numbered(ENTRIES));
    await started();
    await untilKept(SEGMENT_ENTRIES);
    const { ledger } = await started();
    for (let number = ENTRIES + 1; number <= 2 * SEGMENT_ENTRIES; number += 1) {
      expect(await ledger.append(entryOf(number))).toBe(true);
    }
    await untilKept(SEGMENT_ENTRIES, 2 * SEGMENT_ENTRIES);
    expect((await started()).reads).toBe(2);
    await world.stores.master.store.delete(segmentKey(SEGMENT_ENTRIES));
    const without = await started();
    expectWhole(without.ledger, 2 * SEGMENT_ENTRIES);
    expect(without.reads).toBeGreaterThan(2 * SEGMENT_ENTRIES);
    await untilKept(SEGMENT_ENTRIES, 2 * SEGMENT_ENTRIES);
    const again = await started();
    expectWhole(again.ledger, 2 * SEGMENT_ENTRIES);
    expect(again.reads).toBe(2);
  });

  it('has segments of a few megabytes, whatever the size of its entries', async () => {
    await place(numbered(20), 'x'.repeat(LARGE_ENTRY_BYTES));
    await place(numbered(ENTRIES).slice(20));
    await started();
    await untilKept(14, 14 + SEGMENT_ENTRIES);
    const { ledger, reads } = await started();
    expectWhole(ledger, ENTRIES);
    expect(reads).toBe(2 + ENTRIES - SEGMENT_ENTRIES - 14);
  });

  it('is read and appended to though no segment can be put, which is said once', async () => {
    await place(numbered(ENTRIES));
    const refusing = (store: ObjectStore): ObjectStore =>
      withFaults(store, ({ operation, key }) => {
        if (operation !== 'put' || !key?.startsWith(ledgerSegmentsPrefix('t100'))) return;
        throw new StoreError('permission-denied', operation, key, 'nothing may be put there');
      });
    const ledger = opened(refusing);
    await ledger.refresh();
    await waitFor('it is said', () => failures.length > 0);
    for (let number = ENTRIES + 1; number <= ENTRIES + 20; number += 1) await ledger.append(entryOf(number));
    await ledger.refresh();
    expectWhole(ledger, ENTRIES + 20);
    expect(failures.splice(0).map(({ kind }) => kind)).toEqual(['permission-denied']);
    expect(await segmentKeys()).toEqual([]);
  });

  it('is read on from where a first look failed', async () => {
    await place(numbered(ENTRIES));
    await started();
    await untilKept(SEGMENT_ENTRIES);
    let fails = true;
    const failing = (store: ObjectStore): ObjectStore =>
      withFaults(store, ({ operation, key }) => {
        if (!fails || operation !== 'get' || key !== ledgerEntryKey('t100', ENTRIES)) return;
        fails = false;
        throw new StoreError('unavailable', operation, key, 'for a moment');
      });
    const ledger = opened(failing);
    await expect(ledger.refresh()).rejects.toMatchObject({ kind: 'unavailable' });
    await ledger.refresh();
    expectWhole(ledger, ENTRIES);
  });

  it('is not read around a segment that is not as its name says', async () => {
    await createJson(world.stores.master.store, segmentKey(SEGMENT_ENTRIES), { first: 1, entries: [entryOf(1)] });
    const ledger = opened((store) => store);
    await expect(ledger.refresh()).rejects.toMatchObject({ kind: 'corrupt', key: segmentKey(SEGMENT_ENTRIES) });
  });
});
