import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { TEXT, bytes, kindOf, readAll, textOf, type Harness } from './harness.ts';

/** Sizes about which stores change how they keep a body, and some between. */
const SIZES = [0, 1, 4095, 4096, 65_535, 65_536, 65_537, 131_072, 1_000_003];

async function* inChunks(body: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

/** Streams in and out, ranges. */
export function bodyCases({ store, prefix }: Harness): void {
  describe('a body', () => {
    it.each(SIZES)('of %i bytes is the same, whole or as a stream', async (size) => {
      const under = prefix();
      const body = randomBytes(size);
      const whole = await store().put(`${under}whole`, body, TEXT);
      const streamed = await store().put(`${under}streamed`, inChunks(body, 10_007), TEXT);
      expect([whole.size, streamed.size]).toEqual([size, size]);
      expect((await readAll(await store().get(`${under}whole`))).equals(body)).toBe(true);
      expect((await readAll(await store().get(`${under}streamed`))).equals(body)).toBe(true);
    });

    it('may be a Node stream', async () => {
      const key = `${prefix()}readable`;
      await store().put(key, Readable.from([bytes('one '), bytes('two')]), TEXT);
      expect(await textOf(store(), key)).toBe('one two');
    });

    it('that breaks off leaves the object as it was, and its error comes back', async () => {
      const under = prefix();
      await store().put(`${under}kept`, bytes('before'), TEXT);
      for (const size of [10, 200_000]) {
        const broken = async function* (): AsyncGenerator<Uint8Array> {
          yield Buffer.alloc(size);
          throw new RangeError('the publisher went away');
        };
        await expect(store().put(`${under}kept`, broken(), TEXT)).rejects.toThrow('the publisher went away');
        await expect(store().put(`${under}new`, broken(), TEXT)).rejects.toThrow('the publisher went away');
      }
      expect(await textOf(store(), `${under}kept`)).toBe('before');
      expect(await store().head(`${under}new`)).toBeNull();
    });

    it('of a put that is refused is ended, so that nothing it holds stays open', async () => {
      const under = prefix();
      await store().put(`${under}there`, bytes('before'), TEXT);
      for (const key of [`${under}there`, `${under}../x`]) {
        let isEnded = false;
        const pieces = [bytes('one '), bytes('two')].values();
        const body: AsyncIterableIterator<Uint8Array> = {
          [Symbol.asyncIterator]: () => body,
          next: async () => {
            const piece = pieces.next();
            isEnded ||= piece.done === true;
            return piece;
          },
          return: async () => {
            isEnded = true;
            return { done: true, value: undefined };
          },
        };
        const kind = await kindOf(store().put(key, body, { ...TEXT, condition: { absent: true } }));
        expect([kind, isEnded]).toEqual([key.endsWith('../x') ? 'invalid-key' : 'condition-failed', true]);
      }
    });

    it('stays what it was for a reader who has begun, whatever happens to the object', async () => {
      const key = `${prefix()}begun`;
      const body = randomBytes(700_000);
      await store().put(key, body, TEXT);
      const reader = await store().get(key);
      await store().put(key, bytes('other'), TEXT);
      await store().delete(key);
      // A store may break off; it may not mix.
      const isWhole = await readAll(reader).then(
        (read) => read.equals(body),
        () => true,
      );
      expect(isWhole).toBe(true);
    });

    it('can be left in the middle, or before it is begun', async () => {
      const key = `${prefix()}left`;
      await store().put(key, randomBytes(500_000), TEXT);
      const unread = await store().get(key);
      await unread?.body[Symbol.asyncIterator]().return?.();
      for await (const chunk of (await store().get(key))?.body ?? []) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect((await store().head(key))?.size).toBe(500_000);
    });
  });

  describe('a range', () => {
    it.each([1000, 200_000])('of %i bytes gives the bytes asked for, first and last included', async (size) => {
      const key = `${prefix()}ranged`;
      const body = randomBytes(size);
      await store().put(key, body, TEXT);
      const ranges = [
        { start: 0, end: 0 },
        { start: 0, end: size - 1 },
        { start: size - 1, end: size - 1 },
        { start: 1, end: size - 2 },
        { start: 500, end: 777 },
      ];
      for (const range of ranges) {
        const reader = await store().get(key, { range });
        expect((await readAll(reader)).equals(body.subarray(range.start, range.end + 1))).toBe(true);
        expect(reader?.info.size).toBe(size);
      }
    });

    it('that is not within the object is refused', async () => {
      const under = prefix();
      await store().put(`${under}ten`, bytes('0123456789'), TEXT);
      await store().put(`${under}empty`, bytes(''), TEXT);
      for (const range of [
        { start: 0, end: 10 },
        { start: 10, end: 10 },
        { start: 5, end: 4 },
        { start: -1, end: 3 },
        { start: 0.5, end: 3 },
        { start: Number.NaN, end: 3 },
      ]) {
        expect(await kindOf(store().get(`${under}ten`, { range }))).toBe('invalid-range');
      }
      expect(await kindOf(store().get(`${under}empty`, { range: { start: 0, end: 0 } }))).toBe('invalid-range');
      expect(await store().get(`${under}none`, { range: { start: 0, end: 0 } })).toBeNull();
    });
  });
}
