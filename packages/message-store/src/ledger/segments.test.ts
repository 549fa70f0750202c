import type { LedgerEntry } from '@voicemail/domain';
import { observed, StoreError, withFaults, type ObjectStore } from '@voicemail/object-store';
import { manualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJson } from '../json-document.ts';
import { ledgerEntryKey, ledgerSegmentKey, ledgerSegmentsPrefix } from '../keys.ts';
import { openWorld, START, type World } from '../test-world.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { SEGMENT_ENTRIES } from './segments.ts';

const at = new Date(START).toISOString();
const ENTRIES = SEGMENT_ENTRIES + 50;

/** Holds on a message each: a state that tells every entry. */
const entryOf = (number: number): LedgerEntry => ({
  kind: 'hold-placed',
  holdId: `h${number}`,
  subject: { kind: 'message', mailbox: '9876', messageId: `m${number}` },
  reason: 'a matter before a court',
  until: null,
  at,
});

describe('a ledger of thousands of entries', () => {
  let world: World;

  beforeEach(async () => {
    world = await openWorld();
    const { master, tenant } = world.stores;
    const numbers = Array.from({ length: ENTRIES }, (_, index) => index + 1);
    await Promise.all(
      numbers.map((number) => createJson(master.store, ledgerEntryKey(tenant, number), entryOf(number))),
    );
  });
  afterEach(() => world.remove());

  const opened = (layer: (store: ObjectStore) => ObjectStore = (store) => store): Ledger =>
    openLedger(world.behind(layer), manualClock(START));
  /** A new process reads it all. @returns its ledger, and how many documents it read. */
  const started = async (): Promise<{ readonly ledger: Ledger; readonly reads: number }> => {
    let reads = 0;
    const ledger = opened((store) =>
      observed(store, (operation) => void (reads += operation === 'get' ? 1 : 0), world.clock),
    );
    await ledger.refresh();
    return { ledger, reads };
  };
  const segmentKeys = async (): Promise<string[]> => {
    const { master, tenant } = world.stores;
    return (await Array.fromAsync(master.store.list(ledgerSegmentsPrefix(tenant)))).map(({ key }) => key);
  };
  const segmentKey = (segment: number): string => ledgerSegmentKey('t100', segment * SEGMENT_ENTRIES);
  const expectWhole = ({ state }: Ledger, entries = ENTRIES): void => {
    expect(state.last).toBe(entries);
    expect([...state.holds.all.keys()]).toEqual(Array.from({ length: entries }, (_, index) => `h${index + 1}`));
  };

  it('is read entry by entry once, then by segments and what came after them', async () => {
    const first = await started();
    expectWhole(first.ledger);
    expect(first.reads).toBe(ENTRIES);
    expect(await segmentKeys()).toEqual([segmentKey(1)]);
    const second = await started();
    expectWhole(second.ledger);
    expect(second.reads).toBe(1 + (ENTRIES % SEGMENT_ENTRIES));
  });

  it('is kept on by whoever appends, also after having read it by segments', async () => {
    await started();
    const { ledger } = await started();
    for (let number = ENTRIES + 1; number <= 2 * SEGMENT_ENTRIES; number += 1) {
      expect(await ledger.append(entryOf(number))).toBe(true);
    }
    expect(await segmentKeys()).toEqual([segmentKey(1), segmentKey(2)]);
    const another = await started();
    expect(another.reads).toBe(2);
    expectWhole(another.ledger, 2 * SEGMENT_ENTRIES);
    // Without the first the second is of no use; both are there again afterwards.
    await world.stores.master.store.delete(segmentKey(1));
    const third = await started();
    expectWhole(third.ledger, 2 * SEGMENT_ENTRIES);
    expect(third.reads).toBe(1 + 2 * SEGMENT_ENTRIES);
    expect((await started()).reads).toBe(2);
  });

  it('is read though no segment can be put', async () => {
    const ledger = opened((store) =>
      withFaults(store, ({ operation, key }) => {
        if (operation === 'put') throw new StoreError('unavailable', operation, key, 'it takes nothing');
      }),
    );
    await ledger.refresh();
    expectWhole(ledger);
    expect(await segmentKeys()).toEqual([]);
  });

  it('is read on from where a first look failed', async () => {
    await started();
    let fails = true;
    const ledger = opened((store) =>
      withFaults(store, ({ operation, key }) => {
        if (fails && operation === 'get' && key === ledgerEntryKey('t100', ENTRIES)) {
          fails = false;
          throw new StoreError('unavailable', operation, key, 'for a moment');
        }
      }),
    );
    await expect(ledger.refresh()).rejects.toMatchObject({ kind: 'unavailable' });
    await ledger.refresh();
    expectWhole(ledger);
  });

  it('is not read around a segment that is not whole', async () => {
    await createJson(world.stores.master.store, segmentKey(1), { entries: [entryOf(1)] });
    await expect(opened().refresh()).rejects.toMatchObject({ kind: 'corrupt', key: segmentKey(1) });
  });
});
