import { callerIdForms, canonicalCallerId } from '@voicemail/domain';
import type { ObjectStore, Tags } from '@voicemail/object-store';
import { callerIndexEntry, type CallerIndexEntry, type Place } from './documents.ts';
import { createJson, readJson, untilWon, won, writeJson } from './json-document.ts';
import { callerIndexKey, callerPrefix } from './keys.ts';
import type { TenantStores } from './tenant-stores.ts';

/** What the index finds for a caller: a message, or a dead letter (`owner` is `dead-letters`). */
export interface IndexHit extends CallerIndexEntry {
  readonly key: string;
  /** Of the entry: it is removed only as it was read. */
  readonly etag: string;
  readonly owner: string;
  readonly id: string;
}

/** The keyed hash of a caller as received; null for an anonymous one. */
export function callerHash(stores: TenantStores, callerId: string | null): string | null {
  const canonical = canonicalCallerId(callerId, stores.defaultCountry);
  return canonical === null ? null : stores.hashes.current(stores.tenant, canonical);
}

/** The tags of whatever belongs to a caller, for one store: in the clear only where the store itself searches by them. */
export function callerTags(stores: TenantStores, store: ObjectStore, callerId: string | null): Tags {
  const canonical = canonicalCallerId(callerId, stores.defaultCountry);
  if (canonical === null) return {};
  return { caller_id: store.capabilities.tagSearch ? canonical : stores.hashes.current(stores.tenant, canonical) };
}

/**
 * Notes where something of a caller will lie, before it lies there: whatever a stopped attempt leaves is found by a search.
 * Nothing for an anonymous caller.
 * @param store whose index: the master region's for messages, for a dead letter that of the region which keeps it.
 */
export async function noteCaller(
  stores: TenantStores,
  store: ObjectStore,
  hash: string | null,
  what: { readonly owner: string; readonly id: string; readonly time: string; readonly place: Place },
): Promise<void> {
  if (hash === null) return;
  const key = callerIndexKey(stores.tenant, hash, what.owner, what.id);
  await untilWon(key, async () => {
    if (await createJson(store, key, { time: what.time, places: [what.place] })) return true;
    const stored = await readJson(store, key, callerIndexEntry);
    if (stored === null) return undefined;
    const { time, places } = stored.value;
    const isListed = places.some(({ region, key: at }) => region === what.place.region && at === what.place.key);
    // Written also where nothing changes: a sweep that found the entry to name nothing must not take it from under this attempt.
    const extended = { time, places: isListed ? places : [...places, what.place] };
    return (await won(writeJson(store, key, extended, { etag: stored.etag }))) || undefined;
  });
}

/**
 * Everything that is noted for a caller, under every form of the number and every key that is still searched. An entry tells where to
 * look, not what is there: a refused deposit leaves one too, so a hit is confirmed against the metadata.
 */
export async function* searchCaller(stores: TenantStores, callerId: string): AsyncGenerator<IndexHit> {
  const forms = callerIdForms(callerId, stores.defaultCountry, stores.formerDefaultCountries);
  const hashes = new Set(forms.flatMap((form) => stores.hashes.all(stores.tenant, form)));
  for (const { store } of stores.regions) {
    for (const hash of hashes) {
      for await (const { key } of store.list(callerPrefix(stores.tenant, hash))) {
        const hit = await readHit(store, key);
        if (hit !== null) yield hit;
      }
    }
  }
}

/** An index entry by its key; null where it went meanwhile. */
export async function readHit(store: ObjectStore, key: string): Promise<IndexHit | null> {
  const [id, owner] = key.split('/').toReversed();
  const stored = await readJson(store, key, callerIndexEntry);
  if (stored === null || id === undefined || owner === undefined) return null;
  return { key, etag: stored.etag, owner, id, ...stored.value };
}
