import type { ObjectStore } from '../port.ts';
import { around } from './around.ts';

/** Counts the calls of stores that were begun and not ended, for tests that move time only while nothing real is at work. A listing counts while its next item is waited for. */
export function callsUnderWay(): { readonly layer: (store: ObjectStore) => ObjectStore; readonly count: () => number } {
  let count = 0;
  const counted = async <T>(run: () => Promise<T>): Promise<T> => {
    count += 1;
    try {
      return await run();
    } finally {
      count -= 1;
    }
  };
  const layer = (store: ObjectStore): ObjectStore =>
    around(store, {
      call: (_operation, _key, run) => counted(run),
      items: async function* (_operation, _prefix, run) {
        const items = run()[Symbol.asyncIterator]();
        try {
          for (
            let item = await counted(() => items.next());
            item.done !== true;
            item = await counted(() => items.next())
          )
            yield item.value;
        } finally {
          await items.return?.();
        }
      },
    });
  return { layer, count: () => count };
}
