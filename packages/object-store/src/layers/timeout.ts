import type { Clock } from '@voicemail/runtime';
import type { ObjectStore, PutOptions, WrittenObject } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { around, type StoreOperation } from './around.ts';
import { closeLateReader } from './late-reader.ts';

/**
 * A store no call of which waits longer than `timeoutMs`: then it rejects with `timeout`. What was begun may still take
 * effect. In a listing, in the body of a `get` and in a put of a stream the bound is on each step, so a large object has as long
 * as it needs; the time that a stream takes to arrive is its sender's and does not count.
 */
export function withTimeout(store: ObjectStore, timeoutMs: number, clock: Clock): ObjectStore {
  const within = async <T>(operation: StoreOperation, key: string | null, running: Promise<T>): Promise<T> => {
    const late = Promise.withResolvers<never>();
    const end = clock.after(timeoutMs, () =>
      late.reject(new StoreError('timeout', operation, key, `no answer within ${timeoutMs} ms`)),
    );
    try {
      return await Promise.race([running, late.promise]);
    } finally {
      end();
    }
  };

  const close = async (items: AsyncIterator<unknown>): Promise<void> => {
    await items.return?.();
  };

  const steps = <T>(operation: StoreOperation, key: string, items: AsyncIterable<T>): AsyncIterable<T> => ({
    [Symbol.asyncIterator]: () => {
      const iterator = items[Symbol.asyncIterator]();
      let hasFailed = false;
      return {
        next: async () => {
          try {
            return await within(operation, key, iterator.next());
          } catch (error) {
            hasFailed = true;
            // Not awaited: what did not answer the one call need not answer the other.
            close(iterator).catch(() => undefined);
            throw error;
          }
        },
        return: async () => {
          if (!hasFailed) await within(operation, key, close(iterator));
          return { done: true, value: undefined };
        },
      };
    },
  });

  const putStream = async (
    key: string,
    body: AsyncIterable<Uint8Array>,
    options: PutOptions,
  ): Promise<WrittenObject> => {
    const late = Promise.withResolvers<never>();
    // A chunk that comes when the put is over resumes it once more, and nobody waits then.
    late.promise.catch(() => undefined);
    const limit = pausable(timeoutMs, clock, () =>
      late.reject(new StoreError('timeout', 'put', key, `no progress within ${timeoutMs} ms`)),
    );
    const chunks = body[Symbol.asyncIterator]();
    const watched: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => watched,
      next: async () => {
        limit.pause();
        try {
          return await chunks.next();
        } finally {
          limit.resume();
        }
      },
      return: async () => {
        await chunks.return?.();
        return { done: true, value: undefined };
      },
    };
    limit.resume();
    try {
      return await Promise.race([store.put(key, watched, options), late.promise]);
    } finally {
      limit.pause();
    }
  };

  return {
    ...around(store, {
      call: (operation, key, run) => within(operation, key, run()),
      items: (operation, prefix, run) => steps(operation, prefix, run()),
    }),
    put: (key, body, options) =>
      body instanceof Uint8Array ? within('put', key, store.put(key, body, options)) : putStream(key, body, options),
    get: async (key, options) => {
      const running = store.get(key, options);
      try {
        const reader = await within('get', key, running);
        return reader === null ? null : { info: reader.info, body: steps('get', key, reader.body) };
      } catch (error) {
        closeLateReader(running);
        throw error;
      }
    },
  };
}

/** A limit that starts anew each time it is resumed. */
function pausable(timeoutMs: number, clock: Clock, passed: () => void): { pause(): void; resume(): void } {
  let pause = (): void => undefined;
  return {
    pause: () => pause(),
    resume: () => {
      pause();
      pause = clock.after(timeoutMs, passed);
    },
  };
}
