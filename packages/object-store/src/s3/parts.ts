import type { Clock } from '@voicemail/runtime';
import type { Rooms } from './rooms.ts';

/** What a body failed with, which is not the store's: it goes back to whoever gave the body. */
export class BodyBroke extends Error {
  override readonly name = 'BodyBroke';
}

/** A stretch of a body. Its bytes are overwritten when the next one is asked for. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** A body of up to this is taken in with no more memory than it needs. */
const SMALL_BYTES = 64 * 1024;

/** Where parts are put together. */
export interface Assembly {
  /** Of at least `partBytes`. */
  readonly rooms: Rooms;
  readonly clock: Pick<Clock, 'after'>;
}

/**
 * A body in parts of `partBytes`, of which only the last may be shorter: one and empty where the body is. No more than one is in
 * memory, and that only while it is filled and sent.
 * @throws BodyBroke with what the body failed with as its cause.
 */
export async function* partsOf(
  body: AsyncIterable<Uint8Array>,
  partBytes: number,
  { rooms, clock }: Assembly,
): AsyncGenerator<Part> {
  const small: Uint8Array[] = [];
  let room: Uint8Array | null = null;
  let filled = 0;
  try {
    for await (const chunk of guarded(body)) {
      let rest = chunk;
      while (rest.length > 0) {
        if (room === null) {
          if (filled + rest.length <= Math.min(SMALL_BYTES, partBytes)) {
            // A copy: whoever made the chunk may use its memory again.
            small.push(Uint8Array.from(rest));
            filled += rest.length;
            break;
          }
          room = await rooms.take(clock);
          room.set(Buffer.concat(small.splice(0)));
        }
        // A full part goes when more comes, so that the last one is known as such.
        if (filled === partBytes) {
          yield { bytes: room.subarray(0, partBytes), isLast: false };
          rooms.giveBack(room);
          room = null;
          filled = 0;
          continue;
        }
        const size = Math.min(partBytes - filled, rest.length);
        room.set(rest.subarray(0, size), filled);
        filled += size;
        rest = rest.subarray(size);
      }
    }
    yield { bytes: room === null ? Buffer.concat(small) : room.subarray(0, filled), isLast: true };
  } finally {
    if (room !== null) rooms.giveBack(room);
  }
}

async function* guarded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new BodyBroke('the body broke off', { cause: error });
  }
}
