import { isStub } from '@voicemail/domain';
import { erase, type NotErased } from './erase.ts';
import type { CallerHit } from './search-caller.ts';
import { putForgottenStub, type Suppressed } from './suppress-deposit.ts';
import { regionOf, type TenantStores } from './tenant-stores.ts';

/** Recordings that nothing stands for: what a stopped attempt left, or a lifecycle rule of the store's own that took the metadata. */
export type LeftoverHit = Extract<CallerHit, { kind: 'leftover' }>;

/**
 * Where no message stands, puts a stub: the attempt, should it go on, meets it. Its fact is to be announced, for the message may have been counted;
 * then the rest goes, see `eraseLeftover`. May be repeated.
 * @param now RFC 3339. @returns null where a message of another caller has the same id, which stays.
 */
export async function putLeftoverStub(stores: TenantStores, hit: LeftoverHit, now: string): Promise<Suppressed | null> {
  const { owner, id, record } = hit;
  if (record !== null && !isStub(record.value)) return null;
  return putForgottenStub(stores, { mailbox: owner, messageId: id }, now);
}

/** Erases the recordings of a leftover. @throws Refusal `unknown-region`. */
export async function eraseLeftover(stores: TenantStores, { places }: LeftoverHit): Promise<readonly NotErased[]> {
  const notErased: NotErased[] = [];
  for (const place of places) {
    notErased.push(...(await erase(regionOf(stores, place.region), 'media', place.key)).notErased);
  }
  return notErased;
}
