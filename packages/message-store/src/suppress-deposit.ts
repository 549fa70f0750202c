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
  const ofMedia = await eraseAnyMedia(stores, stores.regions, deposit);
  const region = findRegion(stores, deposit.region);
  const ofStaged = region === null ? [] : await dropStaged(region, deposit.media);
  return { stub, notErased: [...notErased, ...ofMedia, ...ofStaged] };
}

/**
 * The stub of a forgotten message, whatever stood there before. Where nothing stands, a message may have been counted that the store lost since: the
 * stub's revision is the time, later than any that a message grows to, so that whoever counts believes it; and what the store keeps of it goes first.
 */
export async function putForgottenStub(
  stores: TenantStores,
  { mailbox, messageId }: MessageRef,
  now: string,
): Promise<Suppressed> {
  const { tenant, master } = stores;
  const key = metadataKey(tenant, mailbox, messageId);
  const notErased: NotErased[] = [];
  const stub = await untilWon<Stub>(key, async () => {
    const stored = await readRecord(stores, mailbox, messageId);
    const revision = Math.max(Date.parse(now), stored === null ? 0 : stored.value.revision + 1);
    const fresh: Stub = { tenant, mailbox, messageId, gone: true, reason: 'forgetme', revision, goneAt: now };
    if (stored === null) {
      // Also for some servers' sake: the Versity gateway takes what is deleted in a bucket with versions to be there.
      notErased.push(...(await erasePast(master, 'metadata', key)));
      return (await createJson(master.store, key, fresh)) ? fresh : undefined;
    }
    if (isSwept(stored.value)) {
      return (await won(writeJson(master.store, key, fresh, { etag: stored.etag }))) ? fresh : undefined;
    }
    if (isStub(stored.value)) return stored.value;
    const deleted = await deleteMessage(stores, mailbox, messageId, 'forgetme', now);
    return deleted !== null && isStub(deleted.record) ? deleted.record : undefined;
  });
  return { stub, notErased };
}
