import type { ObjectStore, Tags } from '@voicemail/object-store';

/** A store that searches by tags, over one that does not: its searches tell of what was written when they are told to have settled, and not before. */
export function withLaggingTags(store: ObjectStore): {
  readonly store: ObjectStore;
  readonly settle: () => Promise<void>;
} {
  let told = new Map<string, Tags>();
  return {
    store: {
      ...store,
      capabilities: { ...store.capabilities, tagSearch: true },
      find: async function* (prefix, { name, value }) {
        for (const [key, tags] of told) if (key.startsWith(prefix) && tags[name] === value) yield key;
      },
    },
    settle: async () => {
      const all = new Map<string, Tags>();
      for await (const { key } of store.list('')) {
        const info = await store.head(key);
        if (info !== null) all.set(key, info.tags);
      }
      told = all;
    },
  };
}
