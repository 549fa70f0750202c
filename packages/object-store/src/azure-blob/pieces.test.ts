import { describe, expect, it } from 'vitest';
import type { Body } from '../port.ts';
import { PIECE_BYTES, piecesOf, WHOLE_BYTES } from './pieces.ts';

async function* inChunks(size: number, chunkBytes: number): AsyncGenerator<Uint8Array> {
  const body = Buffer.alloc(size, 'voice');
  for (let at = 0; at < size; at += chunkBytes) yield body.subarray(at, at + chunkBytes);
}

/** Of each piece; that of the last one is below zero. */
const sizesOf = async (body: Body): Promise<readonly number[]> => {
  const sizes: number[] = [];
  for await (const { bytes, isLast } of piecesOf(body)) sizes.push(isLast ? -bytes.length : bytes.length);
  return sizes;
};

describe('the pieces of a body', () => {
  it.each([
    ['a stream', PIECE_BYTES],
    ['what is in memory', WHOLE_BYTES],
  ])('of %s are whole ones and the last, whatever the chunks', async (what, most) => {
    const bodiesOf = (size: number): readonly Body[] =>
      what === 'a stream'
        ? [9_999, 70_000, most, 3 * most].map((chunkBytes) => inChunks(size, chunkBytes))
        : [Buffer.alloc(size)];
    for (const [size, expected] of [
      [0, [-0]],
      [1, [-1]],
      [most, [-most]],
      [most + 1, [most, -1]],
      [2 * most, [most, -most]],
      [2 * most + 5, [most, most, -5]],
    ] as const) {
      for (const body of bodiesOf(size)) expect(await sizesOf(body)).toEqual(expected);
    }
  });

  it('are its bytes in their order', async () => {
    const size = 2 * PIECE_BYTES + 77_777;
    const pieces: Buffer[] = [];
    for await (const { bytes } of piecesOf(inChunks(size, 65_537))) pieces.push(Buffer.from(bytes));
    expect(Buffer.concat(pieces).equals(Buffer.alloc(size, 'voice'))).toBe(true);
  });

  it('end the body when they are left', async () => {
    let hasEnded = false;
    const body = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(PIECE_BYTES);
      } finally {
        hasEnded = true;
      }
    };
    for await (const { isLast } of piecesOf(body())) {
      expect(isLast).toBe(false);
      break;
    }
    expect(hasEnded).toBe(true);
  });
});
