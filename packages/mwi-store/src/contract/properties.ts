import { countEntries, isNewerEntry, type CountEntry } from '@voicemail/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MwiStore } from '../port.ts';
import { apply, facts, mustRead, recount, type MwiStoreUnderTest } from './under-test.ts';

const RUNS = 60;

/** What a message was at each revision: facts are drawn from it, so that two of one revision agree, as real ones do. */
const history = fc.array(
  fc.record({
    messageId: fc.constantFrom('a', 'b', 'c', 'd'),
    revision: fc.integer({ min: 1, max: 6 }),
    state: fc.constantFrom('new' as const, 'old' as const, 'gone' as const),
    urgent: fc.boolean(),
  }),
  { maxLength: 24 },
);
const consistent = history.map((entries) => [
  ...new Map(entries.map((entry) => [`${entry.messageId} ${entry.revision}`, entry])).values(),
]);

const newestOf = (entries: readonly CountEntry[]): CountEntry[] => {
  const newest = new Map<string, CountEntry>();
  for (const entry of entries) {
    if (isNewerEntry(newest.get(entry.messageId), entry)) newest.set(entry.messageId, entry);
  }
  return [...newest.values()].filter((entry) => entry.state !== 'gone').toSorted(byId);
};
const byId = (a: CountEntry, b: CountEntry): number => (a.messageId < b.messageId ? -1 : 1);
const sortedEntries = async (store: MwiStore, mailbox: string) =>
  (await store.entries({ tenant: 't100', mailbox })).toSorted(byId);

/** What holds for every sequence of facts. Each run takes a mailbox of its own. */
export function propertiesContract(open: () => Promise<MwiStoreUnderTest>): void {
  test('after any facts in any batches, the counts are those of the entries', async () => {
    const { store } = await open();
    let mailbox = 0;
    const batches = fc.array(fc.tuple(history, fc.boolean()), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(batches, async (sequence) => {
        const ref = { tenant: 't100', mailbox: String(++mailbox) };
        await recount(store, ref);
        for (const [entries, asRecount] of sequence) {
          if (asRecount) await recount(store, ref, { entries });
          else await apply(store, ref, { entries });
          expect((await mustRead(store, ref)).counts).toEqual(countEntries(await store.entries(ref)));
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('any order of the same facts ends in the same entries and counts, and all of them again move nothing', async () => {
    const { store } = await open();
    let mailbox = 0;
    const orders = consistent.chain((entries) =>
      fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ([entries, shuffled]) => {
        const ref = { tenant: 't100', mailbox: String(++mailbox) };
        await recount(store, ref);
        for (const entry of shuffled) await apply(store, ref, facts(entry));
        const newest = newestOf(entries);
        expect(await sortedEntries(store, ref.mailbox)).toEqual(newest);
        const settled = await mustRead(store, ref);
        expect(settled.counts).toEqual(countEntries(newest));
        await apply(store, ref, { entries });
        await apply(store, ref, { entries: shuffled });
        expect(await mustRead(store, ref)).toEqual(settled);
      }),
      { numRuns: RUNS },
    );
  });
}
