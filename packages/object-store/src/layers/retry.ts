import { backoffMs, type Clock, type Ids } from '@voicemail/runtime';
import type { ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { around } from './around.ts';

export interface RetryPolicy {
  /** All attempts at one call, the first one too. */
  readonly maxAttempts: number;
  /** The longest pause before the second attempt; the bound doubles with each. */
  readonly baseMs: number;
  /** No pause is longer, whatever the store asks for: who waits longer is somebody else's to decide. */
  readonly maxMs: number;
}

/**
 * A store whose calls are tried again, a bounded number of times with jitter, where they failed for a reason that may pass
 * within moments. A full store or a refused right does not pass so soon: that is left to whoever called.
 *
 * A conditional call that was tried again may say `condition-failed` although its own first attempt took effect and only the answer was
 * lost: read and decide again, as after any lost race. A body that is a stream is read once, so its put is tried once; a listing is
 * tried again as long as it gave nothing.
 */
export function withRetry(
  store: ObjectStore,
  policy: RetryPolicy,
  { clock, ids }: { readonly clock: Clock; readonly ids: Pick<Ids, 'random'> },
): ObjectStore {
  /** Waits before the next attempt, or throws what the last one failed with. */
  const next = async (attempt: number, error: unknown): Promise<void> => {
    if (attempt >= policy.maxAttempts || !passesSoon(error)) throw error;
    const ownMs = backoffMs(attempt, policy, () => ids.random());
    await clock.sleep(Math.min(policy.maxMs, Math.max(ownMs, error.retryAfterMs ?? 0)));
  };

  const again = async <T>(run: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        await next(attempt, error);
      }
    }
  };

  const layered = around(store, {
    call: (_operation, _key, run) => again(run),
    items: async function* (_operation, _prefix, run) {
      for (let attempt = 1; ; attempt++) {
        let hasBegun = false;
        try {
          for await (const item of run()) {
            hasBegun = true;
            yield item;
          }
          return;
        } catch (error) {
          if (hasBegun) throw error;
          await next(attempt, error);
        }
      }
    },
  });
  return {
    ...layered,
    put: (key, body, options) =>
      body instanceof Uint8Array ? layered.put(key, body, options) : store.put(key, body, options),
  };
}

const SOON: ReadonlySet<string> = new Set(['unavailable', 'busy', 'timeout', 'unknown']);

const passesSoon = (error: unknown): error is StoreError => error instanceof StoreError && SOON.has(error.kind);
