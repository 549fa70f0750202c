import type { Body } from '../port.ts';

/** Pieces of a stream, of which one is held in memory for each that is under way. What has no more is one request. */
export const PIECE_BYTES = 2 * 1024 * 1024;
/** Pieces of a body that is in memory anyway: as large as a request may be that is over in time on a slow line. */
export const WHOLE_BYTES = 8 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
const GROWTH = 2;

export interface Piece {
  /** Good until the next piece is asked for: its memory is used again. */
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/**
 * A body in pieces, the last one shorter or empty. An error of the body comes back as it is; a body that is left is ended.
 */
export async function* piecesOf(body: Body): AsyncGenerator<Piece> {
  if (body instanceof Uint8Array) {
    const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    let at = 0;
    for (; whole.length - at > WHOLE_BYTES; at += WHOLE_BYTES) {
      yield { bytes: whole.subarray(at, at + WHOLE_BYTES), isLast: false };
    }
    yield { bytes: whole.subarray(at), isLast: true };
    return;
  }
  let memory: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let filled = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length;) {
      // Only when more is there: a full piece may be the last one.
      if (filled === PIECE_BYTES) {
        yield { bytes: memory, isLast: false };
        filled = 0;
      }
      const taken = Math.min(chunk.length - at, PIECE_BYTES - filled);
      memory = grown(memory, filled, filled + taken);
      memory.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  }
  yield { bytes: memory.subarray(0, filled), isLast: true };
}

/** Memory for `needed` bytes that begins with what is there; twice as much each time, so that small bodies take little. */
function grown(memory: Buffer, filled: number, needed: number): Buffer {
  if (needed <= memory.length) return memory;
  let size = memory.length;
  while (size < needed) size *= GROWTH;
  const larger = Buffer.allocUnsafeSlow(Math.min(size, PIECE_BYTES));
  memory.copy(larger, 0, 0, filled);
  return larger;
}
