import { isStub, isSwept, type Stub } from '@voicemail/domain';
import type { Deposit } from './deposit.ts';
import { deleteMessage, eraseAnyMedia } from './delete-message.ts';
import { dropStaged } from './deposit-media.ts';
import type { NotErased } from './erase.ts';
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
  const stub = await putForgottenStub(stores, deposit, now);
  const ofMedia = await eraseAnyMedia(stores, stores.regions, deposit);
  const region = findRegion(stores, deposit.region);
  const ofStaged = region === null ? [] : await dropStaged(region, deposit.media);
  return { stub, notErased: [...ofMedia, ...ofStaged] };
}

/** The stub of a forgotten message, whatever stood there before. */
export async function putForgottenStub(
  stores: TenantStores,
  { mailbox, messageId }: MessageRef,
  now: string,
): Promise<Stub> {
  const { tenant, master } = stores;
  const key = metadataKey(tenant, mailbox, messageId);
  return untilWon(key, async () => {
    const stored = await readRecord(stores, mailbox, messageId);
    const revision = stored === null ? 1 : stored.value.revision + 1;
    const stub: Stub = { tenant, mailbox, messageId, gone: true, reason: 'forgetme', revision, goneAt: now };
    if (stored === null) return (await createJson(master.store, key, stub)) ? stub : undefined;
    if (isSwept(stored.value)) {
      return (await won(writeJson(master.store, key, stub, { etag: stored.etag }))) ? stub : undefined;
    }
    if (isStub(stored.value)) return stored.value;
    const deleted = await deleteMessage(stores, mailbox, messageId, 'forgetme', now);
    return deleted !== null && isStub(deleted.record) ? deleted.record : undefined;
  });
}
