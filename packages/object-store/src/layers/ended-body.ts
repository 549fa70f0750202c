import { Readable } from 'node:stream';
import type { Body } from '../port.ts';

/** Bodies that have their end here already, so that of many layers the outermost alone sees to it. */
const owned = new WeakSet<Body>();

/** Ends a body that is read no further, so that nothing it holds stays open. */
export function endBody(body: Body): void {
  if (body instanceof Uint8Array) return;
  // The iterator of a stream that was not begun leaves the stream as it is.
  if (body instanceof Readable) body.destroy();
  // Not waited for: a sender who does not send need not end either, and why the put failed says more than how its body ended.
  else
    body[Symbol.asyncIterator]()
      .return?.()
      .catch(() => undefined);
}

/**
 * Runs a put and ends its body where it rejects, whoever refused it, once. A put that goes on although nobody waits for it meets an
 * error in its body from then on: what it read so far must not be taken for the whole.
 */
export async function endingBody<T>(body: Body, put: (body: Body) => Promise<T>): Promise<T> {
  if (body instanceof Uint8Array || owned.has(body)) return put(body);
  let chunks: AsyncIterator<Uint8Array> | null = null;
  let isEnded = false;
  const begun = (): AsyncIterator<Uint8Array> => (chunks ??= body[Symbol.asyncIterator]());
  const own: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => own,
    next: async () => {
      const step = isEnded ? null : await begun().next();
      if (step === null || isEnded) throw new Error('the put was given up');
      return step;
    },
    return: async () => {
      if (isEnded) return { done: true, value: undefined };
      isEnded = true;
      if (body instanceof Readable) body.destroy();
      else await begun().return?.();
      return { done: true, value: undefined };
    },
  };
  owned.add(own);
  try {
    return await put(own);
  } catch (error) {
    endBody(own);
    throw error;
  }
}
