import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreFault } from '../store-fault.ts';
import { indexTags, tagQuery, tagsMetadata, tagsOfMetadata } from './index-tags.ts';

const only = (tags: Record<string, string>): readonly string[] => Object.entries(indexTags('put', 'k', tags)).flat();

describe('an index tag', () => {
  it.each([
    ['caller_id', '+15551212000', 'caller_id', '+15551212000'],
    ['forgetme', 'true', 'forgetme', 'true'],
    ['a name', 'sip:a@host#1', 'a=20name', 'sip:a=40host=231'],
    ['n', ' ü ', 'n', '=20=C3=BC=20'],
    ['n', '', 'n', ''],
    ['n', 'a=b', 'n', 'a=3Db'],
  ])('is written as it may be: %j = %j', (name, value, writtenName, writtenValue) => {
    expect(only({ [name]: value })).toEqual([writtenName, writtenValue]);
  });

  it('holds nothing that the service refuses, and is within its limits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const [name, value] = only({ [text]: text });
        expect(name).toMatch(/^[A-Za-z0-9+\-./:=_]{1,128}$/);
        expect(value).toMatch(/^[A-Za-z0-9+\-./:=_]{0,256}$/);
        expect(tagQuery({ name: text, value: text })).toBe(`"${name}"='${value}'`);
      }),
    );
  });

  it('differs where what it says differs', () => {
    const text = fc.string({ unit: fc.constantFrom(...'a=-3D @\u00fc'), maxLength: 6 });
    const long = fc.tuple(fc.constantFrom('', 'x'.repeat(250), 'ü'.repeat(120)), text).map((parts) => parts.join(''));
    fc.assert(
      fc.property(long, long, (a, b) => {
        expect(only({ n: a })[1] === only({ n: b })[1]).toBe(a === b);
        expect(only({ [a]: 'v' })[0] === only({ [b]: 'v' })[0]).toBe(a === b);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is one of ten at most', () => {
    const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'v']));
    expect(only(tags(10))).toHaveLength(20);
    expect(() => indexTags('put', 'k', tags(11))).toThrow(expect.objectContaining({ kind: 'unsupported' }));
  });
});

describe('the tags in the metadata', () => {
  it('are those that were put, and can stand in a header', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (tags) => {
        const metadata = tagsMetadata(tags);
        expect(Object.values(metadata).join('')).toMatch(/^[\w-]+$/);
        expect(tagsOfMetadata(metadata)).toEqual({ ...tags });
      }),
    );
  });

  it('are none of a blob that others put', () => {
    expect(tagsOfMetadata(undefined)).toEqual({});
    expect(tagsOfMetadata({ other: 'x' })).toEqual({});
  });

  it.each([
    '+15551212000',
    Buffer.from('["+15551212000"').toString('base64url'),
    Buffer.from('[1]').toString('base64url'),
  ])('are spoilt, and not repeated, where others changed them: %s', (tags) => {
    const reading = (): unknown => tagsOfMetadata({ tags });
    expect(reading).toThrow(StoreFault);
    expect(reading).not.toThrow('5551212000');
  });
});
