import type { ObjectStore } from '@voicemail/object-store';
import { callerHash } from './caller-tags.ts';
import { callerIndexEntry, type CallerIndexEntry, type Place } from './documents.ts';
import { createJson, readJson, untilWon, won, writeJson } from './json-document.ts';
import { callerIndexKey } from './keys.ts';
import { regionStore, type TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

/** An index entry: something of a caller, a message or a dead letter (`owner` is `dead-letters`), and where it may lie. */
export interface IndexEntry extends CallerIndexEntry {
  readonly key: string;
  /** Of the entry: it is removed only as it was read. */
  readonly etag: string;
  readonly owner: string;
  readonly id: string;
}

/**
 * The store whose index holds the entry of a message with its media in this region; null where none is needed, and a search by tags
 * finds all there is. A master that finds nothing by its tags needs the entry for the metadata, and it serves for the media too.
 * Else it is for what a stopped attempt may leave in the media's region, and only where that one has no search by tags.
 * @throws Refusal `unknown-region`.
 */
export function entryStore(stores: TenantStores, region: string): ObjectStore | null {
  const { store: master } = stores.master;
  return master.capabilities.tagSearch ? letterEntryStore(regionStore(stores, region)) : master;
}

/** The store whose index holds the entry of a dead letter that `store` keeps; null where the letter is found by its tags. */
export function letterEntryStore(store: ObjectStore): ObjectStore | null {
  return store.capabilities.tagSearch ? null : store;
}

/**
 * Notes where something of a caller will lie, before it lies there: whatever a stopped attempt leaves is found by a search.
 * Nothing for an anonymous caller, nor where no entry is needed.
 * @param store whose index: see `entryStore` and `letterEntryStore`.
 * @param now RFC 3339.
 */
export async function noteCaller(
  stores: TenantStores,
  store: ObjectStore | null,
  callerId: string | null,
  what: { readonly owner: string; readonly id: string; readonly time: string; readonly place: Place },
  now: string,
): Promise<void> {
  const hash = callerHash(stores, callerId);
  if (hash === null || store === null) return;
  const key = callerIndexKey(stores.tenant, hash, what.owner, what.id);
  const { keyId } = stores.hashes;
  await untilWon(key, async () => {
    const first: CallerIndexEntry = { time: what.time, places: [what.place], notedAt: now, keyId };
    if (await createJson(store, key, first)) return true;
    const stored = await readJson(store, key, callerIndexEntry);
    if (stored === null) return undefined;
    const { places } = stored.value;
    const isListed = places.some((place) => isSamePlace(place, what.place));
    // Written also where nothing changes: a sweep that found the entry to name nothing must not take it from under this attempt. Where
    // the etags of equal bytes are equal, the time makes it another one than any before.
    const isSame = isListed && store.capabilities.etagsOfContent !== true;
    const extended: CallerIndexEntry = {
      ...stored.value,
      places: isListed ? places : [...places, what.place],
      ...(isSame ? {} : { notedAt: now }),
      keyId,
    };
    return (await won(writeJson(store, key, extended, { etag: stored.etag }))) || undefined;
  });
}

/**
 * The entry of a message below any of a caller's hashes: also where nothing is left of the message, it tells whose that was.
 * @returns null: it is not the caller's. `untold` where the master has no index, for its store finds by tags.
 */
export async function callerEntryOf(
  { tenant, master }: TenantStores,
  hashes: readonly string[],
  { mailbox, messageId }: MessageRef,
): Promise<CallerIndexEntry | 'untold' | null> {
  if (master.store.capabilities.tagSearch) return 'untold';
  for (const hash of new Set(hashes)) {
    const stored = await readJson(master.store, callerIndexKey(tenant, hash, mailbox, messageId), callerIndexEntry);
    if (stored !== null) return stored.value;
  }
  return null;
}

/** What the key of an entry says: whose it is. */
export function entryOwner(key: string): Pick<IndexEntry, 'owner' | 'id'> | null {
  const [id, owner] = key.split('/').toReversed();
  return id === undefined || owner === undefined ? null : { owner, id };
}

/** An index entry by its key; null where it went meanwhile. */
export async function readEntry(store: ObjectStore, key: string): Promise<IndexEntry | null> {
  const named = entryOwner(key);
  const stored = await readJson(store, key, callerIndexEntry);
  return stored === null || named === null ? null : { key, etag: stored.etag, ...named, ...stored.value };
}

export const isSamePlace = (a: Place, b: Place): boolean => a.region === b.region && a.key === b.key;
