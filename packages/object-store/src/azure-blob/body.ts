import type { Account } from './account.ts';
import { StoreFault } from '../store-fault.ts';
import { openMd5 } from './md5.ts';

export type AnswerStream = NodeJS.ReadableStream & { destroy(): void };

/**
 * The body of an answer, read as it is asked for. The connection is free again at the end, at an error, or when the reader leaves.
 * @param size in bytes: a body of less is no body.
 * @param md5 of all of it, checked at the end; null where there is none to check.
 */
export function bodyOf(
  account: Account,
  key: string,
  stream: AnswerStream,
  size: number,
  md5: Uint8Array | null,
): AsyncIterable<Uint8Array> {
  // An error of a stream that nobody reads yet would end the process; whoever reads it is told.
  stream.on('error', () => undefined);
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const sum = md5 === null ? null : openMd5();
  let left = size;

  const next = async (signal: AbortSignal): Promise<IteratorResult<Uint8Array, undefined>> => {
    signal.addEventListener('abort', () => stream.destroy(), { once: true });
    const step = await chunks.next();
    if (step.done !== true) {
      left -= step.value.length;
      sum?.update(step.value);
      return { done: false, value: step.value };
    }
    if (left !== 0) throw new StoreFault('unavailable', `the answer broke off ${left} bytes before its end`);
    if (sum !== null && md5 !== null && !sum.digest().equals(md5)) {
      throw new StoreFault('corrupt', 'the bytes are not those that were written');
    }
    return { done: true, value: undefined };
  };
  let isOver = false;
  // Not a generator: one that was never begun would not run its `finally`, and the connection would stay open.
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        if (isOver) return { done: true, value: undefined };
        try {
          const step = await account.within('get', key, next);
          isOver = step.done === true;
          return step;
        } catch (error) {
          isOver = true;
          stream.destroy();
          throw error;
        }
      },
      return: async () => {
        isOver = true;
        stream.destroy();
        return { done: true, value: undefined };
      },
    }),
  };
}
