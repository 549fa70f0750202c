import { isSwept, type MessageRecord, type Stub } from '@voicemail/domain';
import { createJson, untilWon } from './json-document.ts';
import { metadataKey } from './keys.ts';
import { readRecord } from './read-message.ts';
import type { TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

/**
 * Claims a message that is not there: a `swept` stub where its metadata would be. Whoever still comes with it replaces the stub after storing
 * the media anew, so what lay there before the claim may be removed, and only as it was seen then.
 * @param now RFC 3339.
 * @returns null where the claim stands; else what stands there, and nothing may be removed.
 */
export function claimAbsent(stores: TenantStores, ref: MessageRef, now: string): Promise<MessageRecord | null> {
  const { tenant, master } = stores;
  const { mailbox, messageId } = ref;
  const key = metadataKey(tenant, mailbox, messageId);
  const claim: Stub = { tenant, mailbox, messageId, gone: true, reason: 'swept', revision: 1, goneAt: now };
  return untilWon<{ standing: MessageRecord | null }>(key, async () => {
    if (await createJson(master.store, key, claim)) return { standing: null };
    const record = (await readRecord(stores, mailbox, messageId))?.value;
    return record === undefined ? undefined : { standing: isSwept(record) ? null : record };
  }).then(({ standing }) => standing);
}
