import type { Clock } from '@voicemail/runtime';
import type { ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { around, type StoreOperation } from './around.ts';

/** Told of every call when it is over: how long it took in ms, and what it failed with. */
export type OnStoreCall = (operation: StoreOperation, ms: number, error: StoreError | null) => void;

/**
 * A store that reports each call. A listing is over when its reader is done with it, a `get` when its reader has the
 * first byte at hand: what follows is as fast as the one who reads.
 */
export function observed(store: ObjectStore, onCall: OnStoreCall, clock: Clock): ObjectStore {
  const tell = (operation: StoreOperation, startMs: number, error: unknown): void => {
    const known =
      error === null || error instanceof StoreError
        ? error
        : new StoreError('unknown', operation, null, 'not an error of the store', { cause: error });
    onCall(operation, clock.monotonicMs() - startMs, known);
  };
  return around(store, {
    call: async (operation, _key, run) => {
      const startMs = clock.monotonicMs();
      try {
        const answer = await run();
        tell(operation, startMs, null);
        return answer;
      } catch (error) {
        tell(operation, startMs, error);
        throw error;
      }
    },
    items: async function* (operation, _prefix, run) {
      const startMs = clock.monotonicMs();
      let failure: unknown = null;
      try {
        yield* run();
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        tell(operation, startMs, failure);
      }
    },
  });
}
