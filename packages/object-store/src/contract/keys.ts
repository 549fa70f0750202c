import { randomInt } from 'node:crypto';
import { isWhole } from '@voicemail/testing';
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

// Legal everywhere, if odd; what a store itself would take for something else is its adapter's to escape.
const character = fc.constantFrom(...'abcXYZ019-_.~!@#$%&()*+,;:=?[]^{}|<>"\\ \'', 'é', 'e\u0301', 'ß', '日', '😀');
const segment = fc
  .array(character, { minLength: 1, maxLength: 24 })
  .map((characters) => characters.join(''))
  .filter((text) => text.trim() === text && text !== '.' && text !== '..');
const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));

/** What a publisher may choose as the id of a message (CONTRACT section 1). */
const MESSAGE_ID_CHARS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-'];
const messageId = fc
  .string({ unit: fc.constantFrom(...MESSAGE_ID_CHARS), minLength: 1, maxLength: 128, size: 'max' })
  .filter((id) => id !== '.' && id !== '..');
const MESSAGE_IDS = isWhole() ? 10_000 : 2_000;
const messageIds = fc.uniqueArray(messageId, { minLength: MESSAGE_IDS, maxLength: MESSAGE_IDS });
/** So many ids make one key, each a segment of it: a quarter of the objects tells the same. */
const IDS_A_KEY = 4;
const keysOfIds = (ids: readonly string[]): string[] =>
  Array.from({ length: ids.length / IDS_A_KEY }, (_, index) =>
    ids.slice(index * IDS_A_KEY, (index + 1) * IDS_A_KEY).join('/'),
  );
const IN_FLIGHT = 32;
/** Every so many are read as well. */
const READ_EVERY = 10;

const noneAFolder = (keys: readonly string[]): string[] =>
  keys.filter((one) => !keys.some((other) => other.startsWith(`${one}/`)));

/** Runs a piece of work for each item, so many at once. */
async function inFlight<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

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

    it(`may be made of any of ${MESSAGE_IDS} message ids`, { timeout: KEYS_TIMEOUT_MS }, async () => {
      const seed = fc.readConfigureGlobal().seed ?? randomInt(2 ** 31);
      const ids = fc.sample(messageIds, { numRuns: 1, seed }).flat();
      const under = prefix();
      const keys = keysOfIds(ids).map((one) => under + one);
      await inFlight(keys, async (one) => void (await store().put(one, bytes(one), TEXT)));
      const some = keys.filter((_, index) => index % READ_EVERY === 0);
      await inFlight(some, async (one) => expect(await textOf(store(), one)).toBe(one));
      const listed = await keysOf(store().list(under));
      const expected = keys.toSorted(compareKeys);
      const differs = expected.findIndex((one, index) => listed[index] !== one);
      expect([listed.length, listed[differs]], `ids of seed ${seed}`).toEqual([keys.length, expected[differs]]);
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
