import { isMarked } from '@voicemail/domain';
import { readEntry } from './caller-index.ts';
import type { Place } from './documents.ts';
import { eraseAsSeen } from './erase.ts';
import { callerIndexPrefix, DEAD_LETTERS, marksPrefix } from './keys.ts';
import { hasMarkEntry } from './mark-index.ts';
import { readRecord } from './read-message.ts';
import { ORPHAN_AGE_MS, passOver, type SweepOptions } from './sweep.ts';
import { findRegion, type RegionStore, type TenantStores } from './tenant-stores.ts';

/** Removes entries of one region's indexes that name nothing and are too old for it to come. Returns how many. */
export async function sweepIndexes(stores: TenantStores, region: RegionStore, options: SweepOptions): Promise<number> {
  const callers = await sweepOld(region, callerIndexPrefix(stores.tenant), options, (key) =>
    callerEntryOfNothing(stores, region, key),
  );
  const marks = await sweepOld(region, marksPrefix(stores.tenant), options, (key) =>
    markEntryOfNothing(stores, region, key),
  );
  return callers + marks;
}

/** An entry as it was seen before it was found to name nothing: it is removed only as that. */
interface Seen {
  readonly key: string;
  readonly etag: string;
}

async function sweepOld(
  region: RegionStore,
  prefix: string,
  options: SweepOptions,
  ofNothing: (key: string) => Promise<Seen | null>,
): Promise<number> {
  let count = 0;
  const sweepEntry = async (key: string): Promise<void> => {
    const seen = await ofNothing(key);
    if (seen === null) return;
    const { removed, notErased } = await eraseAsSeen(region, 'index entry', seen);
    notErased.forEach(options.onNotErased);
    if (removed) count += 1;
  };
  for await (const { key, lastModified } of region.store.list(prefix)) {
    if (options.nowMs - lastModified >= ORPHAN_AGE_MS) await passOver(options, {}, () => sweepEntry(key));
  }
  return count;
}

/** An entry of a caller, where neither a record nor a recording of what it names is there, nor a mark that is to be settled; null where one is. */
async function callerEntryOfNothing(stores: TenantStores, region: RegionStore, key: string): Promise<Seen | null> {
  const entry = await readEntry(region.store, key);
  if (entry === null || (await namesSomething(stores, entry.places))) return null;
  if (entry.owner === DEAD_LETTERS) return entry;
  const ref = { mailbox: entry.owner, messageId: entry.id };
  const isNamed = (await readRecord(stores, entry.owner, entry.id)) !== null || (await hasMarkEntry(stores, ref));
  return isNamed ? null : entry;
}

/**
 * An entry of a mark, where its message is deleted or marked no more; null where it is marked. Where there is not even the stub of a deletion the
 * entry stays for the deletion rule, which completes what a store's own rule began.
 */
async function markEntryOfNothing(stores: TenantStores, region: RegionStore, key: string): Promise<Seen | null> {
  const entry = await region.store.head(key);
  const [messageId, mailbox] = key.split('/').toReversed();
  if (entry === null || messageId === undefined || mailbox === undefined) return null;
  const record = (await readRecord(stores, mailbox, messageId))?.value;
  return record === undefined || isMarked(record) ? null : entry;
}

/** A region that the tenant does not have any more cannot be asked: what is said to lie there is taken to be there. */
async function namesSomething(stores: TenantStores, places: readonly Place[]): Promise<boolean> {
  for (const place of places) {
    const region = findRegion(stores, place.region);
    if (region === null || (await region.store.head(place.key)) !== null) return true;
  }
  return false;
}
