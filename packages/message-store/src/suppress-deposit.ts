import { isStub, isSwept, type Stub } from '@voicemail/domain';
import type { Deposit } from './deposit.ts';
import { deleteMessage, eraseAnyMedia } from './delete-message.ts';
import { dropStaged } from './deposit-media.ts';
import { erasePast, type NotErased } from './erase.ts';
import { createJson, untilWon, won, writeJson } from './json-document.ts';
import { metadataKey } from './keys.ts';
import { readRecord } from './read-message.ts';
import { findRegion, type TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

export interface Suppressed {
  readonly stub: Stub;
  readonly notErased: readonly NotErased[];
}

/**
 * Keeps a deposit of an erased caller from being stored: a stub where its metadata would be, so that a slower attempt at the same record meets
 * it, and whatever any attempt has left in any region goes. May be repeated.
 * @param now RFC 3339.
 */
export async function suppressDeposit(
  stores: TenantStores,
  deposit: Pick<Deposit, 'mailbox' | 'messageId' | 'region' | 'media'>,
  now: string,
): Promise<Suppressed> {
  const { stub, notErased } = await putForgottenStub(stores, deposit, now);
  const { notErased: ofMedia } = await eraseAnyMedia(stores, stores.regions, deposit);
  const region = findRegion(stores, deposit.region);
  const ofStaged = region === null ? [] : await dropStaged(region, deposit.media);
  return { stub, notErased: [...notErased, ...ofMedia, ...ofStaged] };
}

/** The stub of a forgotten message, whatever stood there before; see `putVanishedStub` for where nothing stands. */
export async function putForgottenStub(stores: TenantStores, ref: MessageRef, now: string): Promise<Suppressed> {
  const { tenant, master } = stores;
  const { mailbox, messageId } = ref;
  const key = metadataKey(tenant, mailbox, messageId);
  return untilWon<Suppressed>(key, async () => {
    const stored = await readRecord(stores, mailbox, messageId);
    if (stored === null) return (await createStub(stores, ref, now)) ?? undefined;
    if (isSwept(stored.value)) {
      const fresh = forgottenStub(tenant, ref, now, stored.value.revision + 1);
      const isWon = await won(writeJson(master.store, key, fresh, { etag: stored.etag }));
      return isWon ? { stub: fresh, notErased: [] } : undefined;
    }
    if (isStub(stored.value)) return { stub: stored.value, notErased: [] };
    const deleted = await deleteMessage(stores, mailbox, messageId, 'forgetme', now);
    return deleted !== null && isStub(deleted.record) ? { stub: deleted.record, notErased: [] } : undefined;
  });
}

/**
 * The stub of a message that a store lost, or the one of its deletion that stands there. It may have been counted: the stub's revision is the time,
 * later than any that a message grows to, so that whoever counts believes it; and what the store keeps of it goes first.
 * @returns null where anything else stands there by now: nothing that is there is deleted.
 */
export async function putVanishedStub(stores: TenantStores, ref: MessageRef, now: string): Promise<Suppressed | null> {
  const stored = await readRecord(stores, ref.mailbox, ref.messageId);
  if (stored === null) return createStub(stores, ref, now);
  return isStub(stored.value) && stored.value.reason === 'forgetme' ? { stub: stored.value, notErased: [] } : null;
}

/** null where something stands there by now. */
async function createStub({ tenant, master }: TenantStores, ref: MessageRef, now: string): Promise<Suppressed | null> {
  const key = metadataKey(tenant, ref.mailbox, ref.messageId);
  const stub = forgottenStub(tenant, ref, now, 0);
  // Also for some servers' sake: the Versity gateway takes what is deleted in a bucket with versions to be there.
  const notErased = await erasePast(master, 'metadata', key);
  return (await createJson(master.store, key, stub)) ? { stub, notErased } : null;
}

const forgottenStub = (tenant: string, { mailbox, messageId }: MessageRef, now: string, revision: number): Stub => ({
  tenant,
  mailbox,
  messageId,
  gone: true,
  reason: 'forgetme',
  revision: Math.max(Date.parse(now), revision),
  goneAt: now,
});
