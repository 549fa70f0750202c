import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimOf, dataName, readNames } from './chain.ts';

const X = 'a'.repeat(32);
const Y = 'b'.repeat(32);
const names = (...claims: readonly (readonly [string, number])[]): string[] =>
  claims.map(([chain, number]) => claimOf(chain, number).name);

describe('the names in a versions folder', () => {
  it('give the highest claim, those below it, and the rest', () => {
    const data = dataName(Y, 5);
    expect(readNames([...names([X, 2], [X, 10], [X, 9], [X, 1]), data, 'foreign'])).toEqual({
      highest: claimOf(X, 10),
      superseded: [claimOf(X, 1), claimOf(X, 2), claimOf(X, 9)],
      others: [data, 'foreign'],
    });
  });

  it('give none where there is none', () => {
    expect(readNames([])).toEqual({ highest: null, superseded: [], others: [] });
    expect(readNames([dataName(X, 1), 'x~y', `${X}~`, `${X}~1.tmp`]).highest).toBeNull();
  });

  it('do not let a claim count whose number was cleaned away before it was made', () => {
    expect(readNames(names([X, 3], [X, 20], [X, 21])).highest).toEqual(claimOf(X, 21));
    expect(readNames(names([Y, 1], [X, 7])).highest).toEqual(claimOf(Y, 1));
    expect(readNames(names([X, 7])).highest).toBeNull();
  });

  it('mean the same in any order', () => {
    const all = names([X, 5], [X, 6], [X, 7], [X, 8], [Y, 12], [X, 30]);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(readNames(shuffled).highest).toEqual(claimOf(X, 8));
        expect(readNames(shuffled).superseded.map(({ number }) => number)).toEqual([5, 6, 7]);
      }),
    );
  });
});
