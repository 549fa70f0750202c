import type { ObjectStore } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { around } from './around.ts';

/**
 * A store that is asked one thing at a time: while a call has not come back, another one is `unavailable`. For calls that are given up
 * before they come back where each goes on holding something, as a thread that hangs in a volume.
 */
export function oneAtATime(store: ObjectStore): ObjectStore {
  let isUnderWay = false;
  const begin = (operation: string, key: string | null): void => {
    if (isUnderWay) throw new StoreError('unavailable', operation, key, 'the call before has not come back');
    isUnderWay = true;
  };
  return around(store, {
    call: async (operation, key, run) => {
      begin(operation, key);
      try {
        return await run();
      } finally {
        isUnderWay = false;
      }
    },
    items: async function* (operation, prefix, run) {
      begin(operation, prefix);
      try {
        yield* run();
      } finally {
        isUnderWay = false;
      }
    },
  });
}
