import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from '../key.ts';
import { TEXT, bytes, keysOf, kindOf, textOf, type Harness } from './harness.ts';

const KEYS_TIMEOUT_MS = 120_000;
const KEYS_RUNS = 25;
const MAX_KEYS_A_RUN = 120;

const INVALID = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  'a/./b',
  'a/../b',
  '../a',
  'a\u0000b',
  'a\nb',
  '\ud800',
  'x'.repeat(1025),
  'ü'.repeat(513),
];

// Legal everywhere, if odd. Neither a backslash nor a dot at a segment's end: Azure Blob Storage changes those.
const character = fc.constantFrom(...'abcXYZ019-_.~!@#$%&()*+,;:=?[]^{}|<>" \'', 'é', 'e\u0301', 'ß', '日', '😀');
const segment = fc
  .array(character, { minLength: 1, maxLength: 24 })
  .map((characters) => characters.join('').replace(/[. ]+$/, '_'))
  .filter((text) => text.trim() === text && text !== '');
const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));

const noneAFolder = (keys: readonly string[]): string[] =>
  keys.filter((one) => !keys.some((other) => other.startsWith(`${one}/`)));

/** Keys and their order. */
export function keyCases({ store, prefix }: Harness): void {
  describe('a key', () => {
    it('comes back as it went in, whatever it is made of', { timeout: KEYS_TIMEOUT_MS }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(key, { minLength: 60, maxLength: MAX_KEYS_A_RUN }), async (generated) => {
          const under = prefix();
          const keys = noneAFolder(generated).map((one) => under + one);
          await Promise.all(keys.map((one) => store().put(one, bytes(one), TEXT)));
          expect(await keysOf(store().list(under))).toEqual(keys.toSorted(compareKeys));
          const texts = await Promise.all(keys.map((one) => textOf(store(), one)));
          expect(texts).toEqual(keys);
        }),
        { numRuns: KEYS_RUNS, endOnFailure: true },
      );
    });

    it('tells upper from lower case', async () => {
      const under = prefix();
      await store().put(`${under}Message`, bytes('upper'), TEXT);
      await store().put(`${under}message`, bytes('lower'), TEXT);
      expect(await textOf(store(), `${under}Message`)).toBe('upper');
      expect(await textOf(store(), `${under}message`)).toBe('lower');
    });

    it('may be as long as a message id makes it', async () => {
      const id = `${'Aa0._-'.repeat(21)}Zz`;
      const where = `${prefix()}mailboxes/${'9'.repeat(32)}/messages/${id}/media.wav`;
      await store().put(where, bytes('x'), TEXT);
      expect(await textOf(store(), where)).toBe('x');
    });

    it.each(INVALID)('is refused where no store may hold it: %j', async (invalid) => {
      expect(await kindOf(store().put(invalid, bytes('x'), TEXT))).toBe('invalid-key');
      expect(await kindOf(store().get(invalid))).toBe('invalid-key');
      expect(await kindOf(store().head(invalid))).toBe('invalid-key');
      expect(await kindOf(store().delete(invalid))).toBe('invalid-key');
      expect(await kindOf(store().copy(invalid, `${prefix()}to`))).toBe('invalid-key');
      expect(await kindOf(store().copy(`${prefix()}from`, invalid))).toBe('invalid-key');
    });

    it('that is a folder of another is refused, where folders are real', async (context) => {
      if (store().capabilities.foldersAreReal !== true) context.skip('folders are not real here');
      const under = prefix();
      await store().put(`${under}a`, bytes('object'), TEXT);
      expect(await kindOf(store().put(`${under}a/b`, bytes('x'), TEXT))).toBe('invalid-key');
      expect(await kindOf(store().put(`${under}a/b/c`, bytes('x'), TEXT))).toBe('invalid-key');
      await store().put(`${under}d/e`, bytes('object'), TEXT);
      expect(await kindOf(store().put(`${under}d`, bytes('x'), TEXT))).toBe('invalid-key');
      expect(await keysOf(store().list(under))).toEqual([`${under}a`, `${under}d/e`]);
      expect(await store().get(`${under}a/b`)).toBeNull();
    });
  });
}
