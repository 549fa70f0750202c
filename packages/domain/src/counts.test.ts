import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countEntries, isNewerEntry, nextRevision, NO_MESSAGES, replaceEntry, type CountEntry } from './counts.ts';

const entry: fc.Arbitrary<CountEntry> = fc.record({
  messageId: fc.constantFrom('a', 'b', 'c'),
  revision: fc.integer({ min: 1, max: 9 }),
  state: fc.constantFrom('new', 'old', 'gone'),
  urgent: fc.boolean(),
});

function applyAll(facts: readonly CountEntry[]): { counts: typeof NO_MESSAGES; known: Map<string, CountEntry> } {
  const known = new Map<string, CountEntry>();
  let counts = NO_MESSAGES;
  for (const fact of facts) {
    const before = known.get(fact.messageId);
    if (!isNewerEntry(before, fact)) continue;
    counts = replaceEntry(counts, before, fact);
    known.set(fact.messageId, fact);
  }
  return { counts, known };
}

describe('counts', () => {
  it('count urgent messages as part of new and old', () => {
    const counts = countEntries([
      { messageId: 'a', revision: 1, state: 'new', urgent: true },
      { messageId: 'b', revision: 1, state: 'new', urgent: false },
      { messageId: 'c', revision: 2, state: 'old', urgent: true },
      { messageId: 'd', revision: 3, state: 'gone', urgent: true },
    ]);
    expect(counts).toEqual({ new: 2, old: 1, urgentNew: 1, urgentOld: 1 });
  });

  it('kept step by step equal a count from scratch', () => {
    fc.assert(
      fc.property(fc.array(entry), (facts) => {
        const { counts, known } = applyAll(facts);
        expect(counts).toEqual(countEntries(known.values()));
      }),
    );
  });

  it('are the same after the same facts come twice or late', () => {
    const unique = fc.uniqueArray(entry, { selector: ({ messageId, revision }) => `${messageId} ${revision}` });
    const shuffledTwice = unique.chain((facts) => {
      const twice = [...facts, ...facts];
      return fc.tuple(fc.constant(facts), fc.shuffledSubarray(twice, { minLength: twice.length }));
    });
    fc.assert(
      fc.property(shuffledTwice, ([facts, again]) => {
        expect(applyAll(again).counts).toEqual(applyAll(facts).counts);
      }),
    );
  });
});

describe('the next revision of a mailbox', () => {
  it('grows past what is stored, what was published and a clock that went back', () => {
    expect(nextRevision(5, 7, 3)).toBe(8);
    expect(nextRevision(9, 7, 3)).toBe(10);
    expect(nextRevision(0, 0, 1_790_000_000_000)).toBe(1_790_000_000_000);
  });
});
