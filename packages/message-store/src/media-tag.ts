import { isMarked, isStub, type Metadata } from '@voicemail/domain';
import { FORGET_TAG, messageTags } from './caller-tags.ts';
import { untilWon } from './json-document.ts';
import { readRecord } from './read-message.ts';
import { regionStore, type TenantStores } from './tenant-stores.ts';

/**
 * Makes the media's tags say what the metadata says. Looks at the metadata again after each change: a request that was taken back or made
 * meanwhile may have tagged before us, and whoever tags last must not have gone by what is over.
 * @param message as it was read last.
 * @param isFresh the metadata has just been changed: that the media does not say so yet need not be looked at first.
 */
export async function settleMediaTag(stores: TenantStores, message: Metadata, isFresh = false): Promise<void> {
  let standing = message;
  let isUnsettled = isFresh;
  await untilWon(message.media.key, async () => {
    if (!isUnsettled && (await saysSo(stores, standing))) return true;
    isUnsettled = false;
    await tagMedia(stores, standing);
    const now = (await readRecord(stores, standing.mailbox, standing.messageId))?.value;
    if (now === undefined || isStub(now)) return true;
    const isSettled = isMarked(now) === isMarked(standing) && now.region === standing.region;
    standing = now;
    return isSettled || undefined;
  });
}

/** Whether the media's tags say what the metadata says, or there is no media. */
async function saysSo(stores: TenantStores, message: Metadata): Promise<boolean> {
  const info = await regionStore(stores, message.region).head(message.media.key);
  if (info === null) return true;
  const isSaid = (info.tags[FORGET_TAG.name] === FORGET_TAG.value) === isMarked(message);
  // A change that stopped halfway may have left the store's own rule with what is over.
  return isSaid && info.tagsUnsettled !== true;
}

/**
 * Gives the media the tags that its metadata says. A tag that a store's own rule acts on comes after the new time, and goes before it.
 * @throws Refusal `unknown-region`.
 */
export async function tagMedia(stores: TenantStores, message: Metadata): Promise<void> {
  const store = regionStore(stores, message.region);
  const order = isMarked(message) ? 'touch-first' : 'tags-first';
  await store.tag(message.media.key, messageTags(stores, store, message), { order });
}
