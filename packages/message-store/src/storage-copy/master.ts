import { StoreError } from '@voicemail/object-store';
import { CallerHashKeyMismatch } from '../caller-hash-check.ts';
import { entryStore, readEntry } from '../caller-index.ts';
import type { Place } from '../documents.ts';
import { erase, type NotErased } from '../erase.ts';
import { createJson, writeJson, type Stored } from '../json-document.ts';
import { callerHashCheckKey } from '../keys.ts';
import { isMasters, keysOf, markOf, type MasterMark } from '../master-mark.ts';
import { kindOf } from '../object-kind.ts';
import type { Route } from './move-message.ts';
import { findRegion, type RegionStore, type TenantStores } from '../tenant-stores.ts';

/**
 * The tenant with the master region that its stores say it has, whatever the tenants' file says: the file may be changed before or after
 * the metadata was brought over. The file's where no store says anything, for a tenant that never was.
 * @throws CallerHashKeyMismatch.
 */
export async function withActualMaster(stores: TenantStores): Promise<TenantStores> {
  const marked = await Promise.all(
    stores.regions.map(async (region) => ({ region, mark: (await markOf(stores, region.store))?.value })),
  );
  // Between the two marks of a hand-over neither is the master: it is to be completed from the old one.
  const found =
    marked.find(({ mark }) => mark !== undefined && isMasters(mark)) ??
    marked.find(({ mark }) => mark?.handedOverTo !== undefined);
  if (found?.mark === undefined) return stores;
  if (!stores.hashes.isKnown(found.mark.checkValue)) throw new CallerHashKeyMismatch(stores.tenant);
  return withMaster(stores, found.region);
}

export function withMaster(stores: TenantStores, master: RegionStore): TenantStores {
  return { ...stores, master, regions: [master, ...stores.regions.filter(({ name }) => name !== master.name)] };
}

/** Says in the target, before anything comes, that it holds a part of what the master has. @throws StoreError `condition-failed` where it is the master. */
export async function beginHandOver(stores: TenantStores, { from, to }: Route): Promise<void> {
  const key = callerHashCheckKey(stores.tenant);
  const source = await mustHaveMark(stores, from);
  const there = await markOf(stores, to.store);
  if (there !== null && isMasters(there.value)) {
    throw new StoreError('condition-failed', 'put', key, `region ${to.name} is the master already`);
  }
  const mark: MasterMark = { ...keysOf(source.value), copyOf: from.name };
  if (there?.value.copyOf === from.name) return;
  if (there === null) await createJson(to.store, key, mark);
  else await writeJson(to.store, key, mark, { etag: there.etag });
}

/**
 * Makes the target the master, when everything is there: first the source is it no more, then the target is. So there are never two; between
 * the two there is none, no start is possible, and the next run goes on from there.
 */
export async function completeHandOver(stores: TenantStores, { from, to }: Route): Promise<void> {
  const key = callerHashCheckKey(stores.tenant);
  const source = await mustHaveMark(stores, from);
  const keys = keysOf(source.value);
  if (source.value.handedOverTo !== to.name) {
    await writeJson(from.store, key, { ...keys, handedOverTo: to.name }, { etag: source.etag });
  }
  const target = await mustHaveMark(stores, to);
  if (!isMasters(target.value)) await writeJson(to.store, key, keys, { etag: target.etag });
}

/**
 * Erases the documents of a region that was the master, or was to be: what a hand-over left at its source, or one that was given up at its
 * target. Yields what the store keeps of each. A region that its mark does not say this of is left alone.
 */
export async function* removeFormerDocuments(
  stores: TenantStores,
  region: RegionStore,
): AsyncGenerator<readonly NotErased[]> {
  const mark = await markOf(stores, region.store);
  if (mark === null || isMasters(mark.value) || region.name === stores.master.name) return;
  // Read anew, for all that follows is lost if another region is not what it is taken for.
  const master = await mustHaveMark(stores, stores.master);
  if (!isMasters(master.value)) return;
  for await (const { key } of region.store.list(`${stores.tenant}/`)) {
    if (!(await isFormer(stores, region, key))) continue;
    const { notErased } = await erase(region, 'metadata', key);
    yield notErased;
  }
  if (mark.value.copyOf !== undefined)
    await region.store.delete(callerHashCheckKey(stores.tenant), { etag: mark.etag });
}

/** Whether an object belongs to a master region, and this is none. */
async function isFormer(stores: TenantStores, region: RegionStore, key: string): Promise<boolean> {
  const kind = kindOf(stores.tenant, key);
  if (kind === 'metadata' || kind === 'document' || kind === 'mark entry') return true;
  if (kind !== 'caller entry') return false;
  const entry = await readEntry(region.store, key);
  return entry !== null && entry.places.every((place) => !isIndexFor(stores, region, place));
}

function isIndexFor(stores: TenantStores, { store }: RegionStore, place: Place): boolean {
  return findRegion(stores, place.region) !== null && entryStore(stores, place.region) === store;
}

async function mustHaveMark(stores: TenantStores, { name, store }: RegionStore): Promise<Stored<MasterMark>> {
  const mark = await markOf(stores, store);
  if (mark !== null) return mark;
  throw new StoreError('not-found', 'get', callerHashCheckKey(stores.tenant), `region ${name} has no mark of a master`);
}
