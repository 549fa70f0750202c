import fc from 'fast-check';
import { systemClock } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { BodyBroke, partsOf } from './parts.ts';
import { rooms } from './rooms.ts';

const PART_BYTES = 100_000;
const some = { rooms: rooms({ bytes: PART_BYTES, maxUsual: 1, waitMs: 1_000 }), clock: systemClock() };

async function* chunksOf(body: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  // One and the same memory for each, as a reader of files may use it.
  const memory = Buffer.alloc(Math.max(1, ...sizes));
  let at = 0;
  for (const size of sizes) {
    body.copy(memory, 0, at, at + size);
    yield memory.subarray(0, size);
    at += size;
  }
}

const numbered = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, index) => index % 251));

describe('the parts of a body', () => {
  it('are the body, each but the last of the size asked for, however it comes', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 60_000, max: PART_BYTES }), async (pieces, partBytes) => {
        const body = numbered(pieces.reduce((sum, size) => sum + size, 0));
        const parts: { bytes: Buffer; isLast: boolean }[] = [];
        for await (const { bytes, isLast } of partsOf(chunksOf(body, pieces), partBytes, some)) {
          parts.push({ bytes: Buffer.from(bytes), isLast });
        }
        expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(body)).toBe(true);
        expect(parts.map(({ isLast }) => isLast)).toEqual(parts.map((_, index) => index === parts.length - 1));
        expect(parts.slice(0, -1).every(({ bytes }) => bytes.length === partBytes)).toBe(true);
        expect(parts).toHaveLength(Math.max(1, Math.ceil(body.length / partBytes)));
      }),
      { numRuns: 50 },
    );
  });

  it('leave the body when they are left', async () => {
    let isOpen = true;
    const body = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(PART_BYTES);
      } finally {
        isOpen = false;
      }
    };
    for await (const { isLast } of partsOf(body(), PART_BYTES, some)) {
      expect(isLast).toBe(false);
      break;
    }
    expect(isOpen).toBe(false);
  });

  it('end with what the body failed with', async () => {
    const failure = new RangeError('the publisher went away');
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      throw failure;
    };
    const ended = Array.fromAsync(partsOf(body(), PART_BYTES, some)).catch((error: unknown) => error);
    expect(await ended).toEqual(new BodyBroke('the body broke off', { cause: failure }));
    expect(await ended).toMatchObject({ cause: failure });
  });
});
