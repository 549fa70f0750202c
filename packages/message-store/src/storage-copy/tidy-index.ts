import { isStub, isSwept, type Metadata } from '@voicemail/domain';
import { entryStore, isSamePlace, readEntry, type IndexEntry } from '../caller-index.ts';
import type { Place } from '../documents.ts';
import { eraseAsSeen } from '../erase.ts';
import { won, writeJson } from '../json-document.ts';
import { DEAD_LETTERS } from '../keys.ts';
import { readRecord } from '../read-message.ts';
import type { RegionStore, TenantStores } from '../tenant-stores.ts';

/**
 * Takes a region out of an index entry where nothing lies there any more, so that nobody looks for the caller in a region that the tenant
 * has no longer: the place of a recording that was moved is then where it is now. An entry that names no place goes. One whose message is
 * not there yet stays: its deposit may be about to put it there. A deposit that comes again notes its place anew, and removes what it
 * puts there.
 * @returns whether it was changed.
 */
export async function tidyEntry(
  stores: TenantStores,
  index: RegionStore,
  key: string,
  from: RegionStore,
): Promise<boolean> {
  const entry = await readEntry(index.store, key);
  if (entry === null || entry.owner === DEAD_LETTERS) return false;
  if (!entry.places.some(({ region }) => region === from.name)) return false;
  const record = (await readRecord(stores, entry.owner, entry.id))?.value;
  if (record === undefined || isSwept(record)) return false;
  const standing = await placesStanding(entry, from);
  if (standing.length === entry.places.length) return false;
  const places = isStub(record) ? standing : withHome(stores, index, standing, record);
  if (places.length === 0) return (await eraseAsSeen(index, 'index entry', entry)).removed;
  const { key: _key, etag, owner: _owner, id: _id, ...content } = entry;
  return won(writeJson(index.store, key, { ...content, places }, { etag }));
}

async function placesStanding(entry: IndexEntry, from: RegionStore): Promise<readonly Place[]> {
  const found = await Promise.all(
    entry.places.map(async ({ region, key }) => region !== from.name || (await from.store.head(key)) !== null),
  );
  return entry.places.filter((_place, at) => found[at] === true);
}

/** With the place of the message itself, where this index is the one for it. */
function withHome(
  stores: TenantStores,
  index: RegionStore,
  places: readonly Place[],
  { region, media }: Metadata,
): readonly Place[] {
  const home = { region, key: media.key };
  const isIndexed = entryStore(stores, region) === index.store;
  return !isIndexed || places.some((place) => isSamePlace(place, home)) ? places : [...places, home];
}
