import { describe, expect, it } from 'vitest';
import type { Body } from '../port.ts';
import { PIECE_BYTES, piecesOf } from './pieces.ts';

async function* inChunks(size: number, chunkBytes: number): AsyncGenerator<Uint8Array> {
  const body = Buffer.alloc(size, 'voice');
  for (let at = 0; at < size; at += chunkBytes) yield body.subarray(at, at + chunkBytes);
}

const sizesOf = async (body: Body): Promise<readonly number[]> => {
  const sizes: number[] = [];
  for await (const { bytes, isLast } of piecesOf(body)) sizes.push(isLast ? -bytes.length : bytes.length);
  return sizes;
};

describe('the pieces of a body', () => {
  it.each([
    [0, [0]],
    [1, [-1]],
    [PIECE_BYTES, [-PIECE_BYTES]],
    [PIECE_BYTES + 1, [PIECE_BYTES, -1]],
    [2 * PIECE_BYTES, [PIECE_BYTES, -PIECE_BYTES]],
    [2 * PIECE_BYTES + 5, [PIECE_BYTES, PIECE_BYTES, -5]],
  ])('of %i bytes are whole ones and the last, whatever the chunks', async (size, expected) => {
    // -0 is 0 here.
    const told = (sizes: readonly number[]): readonly number[] => sizes.map((one) => one || 0);
    expect(told(await sizesOf(Buffer.alloc(size)))).toEqual(expected);
    for (const chunkBytes of [9_999, 70_000, PIECE_BYTES, 3 * PIECE_BYTES]) {
      expect(told(await sizesOf(inChunks(size, chunkBytes)))).toEqual(expected);
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
