import type { Leftover } from '@voicemail/object-store';
import { won } from './json-document.ts';
import type { RegionStore } from './tenant-stores.ts';

/** What a store kept of something that was to be erased, and why. Nothing in it tells whose it was. */
export interface NotErased extends Leftover {
  readonly region: string;
  /** What it is a version of. */
  readonly of: 'metadata' | 'media' | 'index entry' | 'staged media' | 'dead letter' | 'probe' | 'numbers';
}

export interface Erasure {
  /** Whether an object was removed. */
  readonly removed: boolean;
  readonly notErased: readonly NotErased[];
}

/** Removes an object, and what the store keeps of its past where it keeps any. A crash between the two leaves the past: call it again. */
export async function erase(region: RegionStore, of: NotErased['of'], key: string): Promise<Erasure> {
  const removed = await region.store.delete(key);
  return { removed, notErased: await erasePast(region, of, key) };
}

/** The same, but only as the object was seen: nothing is removed where another one is there by now. */
export async function eraseAsSeen(
  region: RegionStore,
  of: NotErased['of'],
  { key, etag }: { readonly key: string; readonly etag: string },
): Promise<Erasure> {
  if (!(await won(region.store.delete(key, { etag })))) return { removed: false, notErased: [] };
  return { removed: true, notErased: await erasePast(region, of, key) };
}

/** Erases what the store keeps of an object's past; what is there now stays. No call where the store keeps nothing. */
export async function erasePast(
  { name, store }: RegionStore,
  of: NotErased['of'],
  key: string,
): Promise<readonly NotErased[]> {
  if (!store.capabilities.keepsReplaced) return [];
  const { left } = await store.purge(key);
  return left.map((leftover) => ({ ...leftover, region: name, of }));
}
