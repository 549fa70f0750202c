import type { ObjectStore } from '@voicemail/object-store';
import { isSamePlace } from './caller-index.ts';
import { callerIndexEntry, type CallerIndexEntry } from './documents.ts';
import { createJson, readJson, untilWon, won, writeJson } from './json-document.ts';

/**
 * Brings an index entry under another key or into another store, where one may be already: what either names is named then.
 * @returns false where all of it was there.
 */
export function carryEntry(store: ObjectStore, key: string, entry: CallerIndexEntry): Promise<boolean> {
  return untilWon<{ isNew: boolean }>(key, async () => {
    if (await createJson(store, key, entry)) return { isNew: true };
    const stored = await readJson(store, key, callerIndexEntry);
    if (stored === null) return undefined;
    const there = stored.value;
    const added = entry.places.filter((place) => !there.places.some((known) => isSamePlace(known, place)));
    if (added.length === 0) return { isNew: false };
    const merged = { ...there, places: [...there.places, ...added] };
    return (await won(writeJson(store, key, merged, { etag: stored.etag }))) ? { isNew: true } : undefined;
  }).then(({ isNew }) => isNew);
}
