import type { ObjectStore } from '../port.ts';
import { around } from './around.ts';

/** Counts the calls of stores that were begun and not ended, for tests that move time only while nothing real is at work. Listings are not counted. */
export function callsUnderWay(): { readonly layer: (store: ObjectStore) => ObjectStore; readonly count: () => number } {
  let count = 0;
  const layer = (store: ObjectStore): ObjectStore =>
    around(store, {
      call: async (_operation, _key, run) => {
        count += 1;
        try {
          return await run();
        } finally {
          count -= 1;
        }
      },
      items: (_operation, _prefix, run) => run(),
    });
  return { layer, count: () => count };
}
