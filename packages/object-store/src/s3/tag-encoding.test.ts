import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf, taggingOf, tagsOfLine } from './tag-encoding.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((one) => one.isWellFormed());
const tags = fc.dictionary(
  text.filter((name) => name !== ''),
  text,
  { maxKeys: 10, noNullPrototype: true },
);

describe('tags', () => {
  it('of any characters come back as they were', () => {
    fc.assert(
      fc.property(tags, (some) => {
        expect(tagsOfLine(lineOf(some))).toEqual(some);
      }),
      { numRuns: 1000 },
    );
  });

  it('hold nothing that S3 does not take, and no name that it keeps for itself', () => {
    fc.assert(
      fc.property(tags, (some) => {
        for (const [name, value] of new URLSearchParams(taggingOf(some))) {
          expect(name).toMatch(/^(?!aws:)[A-Za-z0-9+\-=._/@]+$/);
          expect(value).toMatch(/^[A-Za-z0-9+\-=._/@]*$/);
        }
        // One line of a header, in ASCII.
        expect(lineOf(some)).toMatch(/^[\x21-\x7e]*$/);
      }),
    );
  });

  it('are told apart however alike they are', () => {
    const all = ['=', '=3D', '%3D', ':', '&', ' ', '+', 'a:b&c:d', 'ü', 'u\u0308', 'ue'].map((value) =>
      lineOf({ a: value }),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it('stay as they read where nothing is to be encoded', () => {
    expect(lineOf({ caller_id: 'c0ffee', forgetme: 'true' })).toBe('caller_id:c0ffee&forgetme:true');
    expect(taggingOf({ caller_id: 'c0ffee', forgetme: 'true' })).toBe('caller_id=c0ffee&forgetme=true');
  });

  it('are refused where S3 has no room for them, and not told', () => {
    const refused = { kind: 'unsupported', message: expect.not.stringContaining('secret') as string };
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`secret${index}`, '']));
    for (const some of [eleven, { secret: 'secret'.repeat(50) }, { ['secret'.repeat(30)]: '' }, { '': 'secret' }]) {
      expect(() => lineOf(some)).toThrow(expect.objectContaining(refused) as Error);
    }
  });

  it('that somebody else wrote are read as well as may be', () => {
    expect(tagsOfLine('')).toEqual({});
    expect(tagsOfLine('&a&b:c:d&=zz:=C3&')).toEqual({ a: '', b: 'c', '=zz': '\ufffd' });
  });
});
