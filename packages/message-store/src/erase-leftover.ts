import { isStub } from '@voicemail/domain';
import { erase, type NotErased } from './erase.ts';
import type { CallerHit } from './search-caller.ts';
import { putForgottenStub } from './suppress-deposit.ts';
import { regionOf, type TenantStores } from './tenant-stores.ts';

/**
 * Erases what a stopped attempt left of a caller: where no message stands, a stub comes first, so that the attempt, should it go on, meets it. A
 * message of another caller that has the same id stays.
 * @param now RFC 3339. @throws Refusal `unknown-region`.
 */
export async function eraseLeftover(
  stores: TenantStores,
  { owner, id, places, record }: Extract<CallerHit, { kind: 'leftover' }>,
  now: string,
): Promise<readonly NotErased[]> {
  if (record === null || isStub(record.value)) await putForgottenStub(stores, { mailbox: owner, messageId: id }, now);
  const notErased: NotErased[] = [];
  for (const place of places) {
    notErased.push(...(await erase(regionOf(stores, place.region), 'media', place.key)).notErased);
  }
  return notErased;
}
