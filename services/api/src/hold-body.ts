import type { Readable } from 'node:stream';
import type { Arrival } from './intake.ts';
import { MAX_STREAMED_BYTES } from './limits.ts';
import { HttpProblem, tooLarge } from './problem.ts';

/** A body that is larger than its reader wants to hold. */
export interface LargeBody {
  /** What came first, not empty. */
  readonly first: Buffer;
  /** All of it, from the first byte on, as it arrives; read once. Throws as `Bodies.read` does. */
  readonly chunks: AsyncIterable<Buffer>;
}

/**
 * The body where it is small; else what was held of it, before the rest. Read by events: a loop over a stream costs a small
 * body more than all the rest that is done with it.
 * @throws HttpProblem 413, 503, and 400 where the caller breaks off.
 */
export function holdBody(
  body: Readable,
  { maxBytes, heldBytes }: { readonly maxBytes: number; readonly heldBytes: number },
  arrival: Arrival,
): Promise<Buffer | LargeBody> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | LargeBody>();
  const held: Buffer[] = [];
  let size = 0;
  const letGo = (): Readable =>
    body.off('data', take).off('end', isWhole).off('error', breakOff).off('close', breakOff);
  const refuse = (error: unknown): void => {
    letGo();
    reject(error);
  };
  const breakOff = (): void => refuse(brokeOff());
  const isWhole = (): void => {
    letGo();
    const [only] = held;
    resolve(only !== undefined && held.length === 1 ? only : Buffer.concat(held, size));
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    held.push(chunk);
    if (size > maxBytes) return refuse(tooLarge(maxBytes));
    try {
      arrival.add(chunk.length);
    } catch (error) {
      return refuse(error);
    }
    if (size <= heldBytes) return;
    letGo().pause();
    resolve({ first: held[0] ?? chunk, chunks: after(held, arriving(body, size, maxBytes, arrival)) });
  };
  // Of one that is gone already no event tells.
  if (body.destroyed) breakOff();
  else body.on('data', take).on('end', isWhole).on('error', breakOff).on('close', breakOff);
  return promise;
}

/** The chunks of a body behind its first `size` bytes. @throws HttpProblem 413, 503 and 400. */
async function* arriving(body: Readable, size: number, maxBytes: number, arrival: Arrival): AsyncGenerator<Buffer> {
  let arrived = size;
  try {
    // Not destroyed with the loop: its connection has yet to carry the answer.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      // As much as its store may hold of it. Of a sender that is slow or silent no more than came.
      arrival.add(Math.max(0, Math.min(chunk.length, MAX_STREAMED_BYTES - arrived)));
      arrived += chunk.length;
      if (arrived > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof HttpProblem || !body.destroyed) throw error;
    throw brokeOff();
  }
}

/** What was held, each chunk let go of as it is read, then the rest. */
async function* after(held: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for (let chunk = held.shift(); chunk !== undefined; chunk = held.shift()) yield chunk;
  yield* rest;
}

const brokeOff = (): HttpProblem => new HttpProblem(400, 'The body broke off.');
