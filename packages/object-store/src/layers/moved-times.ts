import type { ObjectStore } from '../port.ts';

/**
 * A store whose objects' times are told as a deployment has them whose clock is moved (CONTRACT section 10, `CLOCK_OFFSET`). A store beyond
 * a network stamps by real time: held against a clock that is days ahead, what was written just now would be old enough to be swept.
 */
export function withMovedTimes(store: ObjectStore, offsetMs: number): ObjectStore {
  if (offsetMs === 0) return store;
  const moved = <T extends { readonly lastModified: number }>(object: T): T => ({
    ...object,
    lastModified: object.lastModified + offsetMs,
  });
  return {
    ...store,
    get: async (key, options) => {
      const reader = await store.get(key, options);
      return reader === null ? null : { ...reader, info: moved(reader.info) };
    },
    head: async (key) => {
      const info = await store.head(key);
      return info === null ? null : moved(info);
    },
    list: async function* (prefix, options) {
      for await (const object of store.list(prefix, options)) yield moved(object);
    },
  };
}
