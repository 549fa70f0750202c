import { openFileSystemStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { REGION } from '../stored/parts.ts';
import type { BareCalls } from './bare-calls.ts';

const CONTENT_TYPE = 'application/json';

/** A volume's store as it is, with no layer before it. */
export async function bareVolume(root: string): Promise<BareCalls> {
  const store = await openFileSystemStore({ root, region: REGION, clock: systemClock(), ids: systemIds() });
  return {
    list: async function* (prefix) {
      for await (const { key } of store.list(prefix)) yield key;
    },
    get: async (key) => {
      const reader = await store.get(key);
      if (reader === null) return null;
      await Array.fromAsync(reader.body);
      return reader.info.etag;
    },
    head: (key) => store.head(key),
    put: (key, body, etag, tags) =>
      store.put(key, body, { contentType: CONTENT_TYPE, tags, condition: etag === null ? { absent: true } : { etag } }),
    tag: (key, tags) => store.tag(key, tags, { order: 'touch-first' }),
    erase: (key) => store.delete(key),
    purge: null,
    close: () => undefined,
  };
}
