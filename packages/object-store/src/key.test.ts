import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKey, checkPrefix, compareKeys } from './key.ts';

describe('the order of keys', () => {
  it('is that of their bytes in UTF-8, for any text', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2000 },
    );
    expect(compareKeys('\u{1f600}', '\uffee')).toBeGreaterThan(0);
  });
});

describe('a key', () => {
  it('is refused with what is wrong, and the key is told in a form that no log is broken by', () => {
    expect(() => checkKey('put', 'a\nb')).toThrow('put "a\\nb": a key holds no control character');
    expect(() => checkKey('put', 'a//b')).toThrow('empty, "." or ".." segment');
    expect(() => checkKey('put', 'é'.repeat(513))).toThrow('at most 1024 bytes');
    expect(() => checkPrefix('list', 'a')).toThrow('ends in "/"');
    expect(() => checkPrefix('list', 'a/../')).toThrow('segment');
  });

  it('is taken at its longest, and as a prefix', () => {
    expect(() => checkKey('put', 'é'.repeat(512))).not.toThrow();
    expect(() => checkPrefix('list', '')).not.toThrow();
    expect(() => checkPrefix('list', 't100/mailboxes/')).not.toThrow();
  });
});
