import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys, isKey } from '../key.ts';
import { StoreError } from '../store-error.ts';
import { blobName, decodeName, encodeName } from './blob-names.ts';

/** Few characters, so that keys meet where they differ; those that are changed, and those beside them. */
const character = fc.constantFrom(...'./ -0[\\]Aa~1!', '\u00e9', '\ud7fb', '\ud7ff', '\ue000', '\uffff', '\u{1f600}');
const text = fc.array(character, { maxLength: 8 }).map((characters) => characters.join(''));
const key = text.filter(isKey);

/** As the service may compare: by bytes of UTF-8, or by units of UTF-16. */
const byBytes = (a: string, b: string): number => Math.sign(compareKeys(a, b));
const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

describe('the name of a blob', () => {
  it.each([
    ['t100/mailboxes/9876/messages/m-1_.2/media.wav', 't100/mailboxes/9876/messages/m-1_.2/media.wav'],
    ['staging/t100/My file (2).wav', 'staging/t100/My file (2).wav'],
    ['größe/日本/📞?#%+&=', 'größe/日本/📞?#%+&='],
    ['m1./media.wav', 'm1..1/media.wav'],
    ['m1.../x', 'm1..0.0.1/x'],
    ['m1.', 'm1. 0'],
    ['m1. ', 'm1. 1'],
    ['a\\b[c]', 'a[1b[0c]'],
  ])('of %j is %j', (given, name) => {
    expect(encodeName(given)).toBe(name);
    expect(decodeName(name)).toBe(given);
  });

  it('leads back to its key', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(decodeName(encodeName(one))).toBe(one);
        expect(decodeName(encodeName(`${one}/`))).toBe(`${one}/`);
      }),
      { numRuns: 3_000 },
    );
  });

  it('holds nothing that the service would change', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(encodeName(one)).not.toMatch(/\\|\.\/|\.$/);
      }),
    );
  });

  it('sorts as its key does, however the service compares', () => {
    const options = { numRuns: 3_000 };
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = byBytes(a, b);
        expect(byBytes(encodeName(a), encodeName(b))).toBe(expected);
        expect(byUnits(encodeName(a), encodeName(b))).toBe(expected);
      }),
      options,
    );
  });

  it('begins as the names below its prefix do', () => {
    fc.assert(
      fc.property(key, text, (one, rest) => {
        expect(encodeName(`${one}/${rest}`).startsWith(encodeName(`${one}/`))).toBe(true);
      }),
    );
  });

  it.each(['a..b', 'a.', 'a./b', 'a\\b', '[x', '/a', 'a//b', 'a/./b', '\ud7ffzzzz', '\ud7ff'])(
    'is none of the store’s own: %j',
    (name) => expect(decodeName(name)).toBeNull(),
  );

  it('is refused where the service would refuse it', () => {
    expect(blobName('put', 'x'.repeat(1024))).toHaveLength(1024);
    for (const long of ['['.repeat(513), Array.from({ length: 255 }, () => 'a').join('/')]) {
      expect(() => blobName('put', long)).toThrow(StoreError);
    }
    expect(() => blobName('put', '../a')).toThrow(StoreError);
  });
});
