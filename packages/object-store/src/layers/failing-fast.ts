import type { Clock } from '@voicemail/runtime';
import type { ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { around, type StoreOperation } from './around.ts';
import { closeLateReader } from './late-reader.ts';

export interface FailingFastOptions {
  /** A cheap read that is quick to give up. `timeout` and `unavailable` mean that the store is down; whatever else it says, it answers. */
  readonly probe: () => Promise<unknown>;
  /** A call that takes longer has the store looked at, and again after as long. */
  readonly suspectAfterMs: number;
  /** How often a store that is down is looked at, while there are calls. */
  readonly lookAgainAfterMs: number;
  readonly clock: Clock;
}

/**
 * A store that hangs keeps nobody: when a call takes long and the store does not answer a probe either, that call and all others
 * reject with `unavailable`, at once, until it answers again. What was begun may still take effect. A call that takes long in a store
 * that answers is a long one, and goes on.
 *
 * The outermost layer: so an attempt that waits is not tried again meanwhile.
 */
export function failingFast(
  store: ObjectStore,
  { probe, suspectAfterMs, lookAgainAfterMs, clock }: FailingFastOptions,
): ObjectStore {
  let down: { readonly cause: StoreError; readonly sinceMs: number } | null = null;
  let looking: Promise<void> | null = null;

  /** Looks now, or joins who does. */
  const look = (): Promise<void> => {
    looking ??= probe()
      .then(
        () => {
          down = null;
        },
        (error: unknown) => {
          down = meansDown(error) ? { cause: error, sinceMs: clock.monotonicMs() } : null;
        },
      )
      .finally(() => {
        looking = null;
      });
    return looking;
  };
  const refuseIfDown = (operation: StoreOperation, key: string | null): void => {
    if (down === null) return;
    const retryAfterMs = lookAgainAfterMs;
    const { cause } = down;
    const why = `the store does not answer (${cause.message})`;
    throw new StoreError('unavailable', operation, key, why, { cause, retryAfterMs });
  };
  /** One call a while looks whether the store is still down; the others do not wait for it. */
  const admit = async (operation: StoreOperation, key: string | null): Promise<void> => {
    const isTime = down !== null && looking === null && clock.monotonicMs() - down.sinceMs >= lookAgainAfterMs;
    if (isTime) await look();
    refuseIfDown(operation, key);
  };
  const unlessDown = async <T>(operation: StoreOperation, key: string | null, running: Promise<T>): Promise<T> => {
    const found = Promise.withResolvers<never>();
    let isOver = false;
    let stop = (): void => undefined;
    const suspect = async (): Promise<void> => {
      await look();
      refuseIfDown(operation, key);
      if (!isOver) watch();
    };
    const watch = (): void => {
      stop = clock.after(suspectAfterMs, () => void suspect().catch(found.reject));
    };
    watch();
    // Whichever is second is nobody's concern.
    found.promise.catch(() => undefined);
    running.catch(() => undefined);
    try {
      return await Promise.race([running, found.promise]);
    } finally {
      isOver = true;
      stop();
    }
  };

  const layered = around(store, {
    call: async (operation, key, run) => {
      await admit(operation, key);
      return unlessDown(operation, key, run());
    },
    items: (operation, prefix, run) => ({
      [Symbol.asyncIterator]: () => {
        const items = run()[Symbol.asyncIterator]();
        let hasFailed = false;
        return {
          next: async () => {
            try {
              await admit(operation, prefix);
              return await unlessDown(operation, prefix, items.next());
            } catch (error) {
              hasFailed = true;
              // Not awaited: what did not answer the one call need not answer the other.
              items.return?.().catch(() => undefined);
              throw error;
            }
          },
          return: async () => {
            if (!hasFailed) await items.return?.();
            return { done: true, value: undefined };
          },
        };
      },
    }),
  });
  return {
    ...layered,
    get: async (key, options) => {
      await admit('get', key);
      const running = store.get(key, options);
      try {
        return await unlessDown('get', key, running);
      } catch (error) {
        closeLateReader(running);
        throw error;
      }
    },
  };
}

const meansDown = (error: unknown): error is StoreError =>
  error instanceof StoreError && (error.kind === 'timeout' || error.kind === 'unavailable');
