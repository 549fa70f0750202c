import { isMarked, isStub, isSwept, stubOf, type GoneReason, type Metadata } from '@voicemail/domain';
import type { Place } from './documents.ts';
import { erase, erasePast, type Erasure, type NotErased } from './erase.ts';
import { untilWon, won, writeJson } from './json-document.ts';
import { markKey, mediaKey, messagePrefix, metadataKey } from './keys.ts';
import { MEDIA_EXTENSIONS } from './media.ts';
import { readRecord } from './read-message.ts';
import { regionOf, type RegionStore, type TenantStores } from './tenant-stores.ts';
import type { ChangeOutcome, MessageRef } from './update-message.ts';

/** What became of a deletion. Its fact comes before `eraseMessage`: a media region that is down keeps no lamp lit. */
export interface DeleteOutcome extends ChangeOutcome {
  /** Where the media lies; null where an earlier attempt may have left it anywhere. */
  readonly media: Place | null;
  /** false: it was not marked for deletion. */
  readonly mayBeMarked: boolean;
}

/**
 * Deletes a message: its stub takes the metadata's place. The index entry stays as long as the stub, so that a search finds what a
 * stopped attempt may leave. null where there is nothing to delete yet. What it leaves is still to be erased, see `eraseMessage`.
 * @throws Refusal `unknown-region` where the tenant does not have the region any more that holds the media: nothing is deleted then, for
 * without the metadata nobody would know what is still to be erased.
 * @param mayDelete asked of the message as it is deleted; where it says no, there is nothing to delete yet.
 */
export async function deleteMessage(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
  reason: GoneReason,
  now: string,
  mayDelete: (message: Metadata) => boolean = () => true,
): Promise<DeleteOutcome | null> {
  const { store } = stores.master;
  const key = metadataKey(stores.tenant, mailbox, messageId);
  return untilWon<{ outcome: DeleteOutcome | null }>(key, async () => {
    const stored = await readRecord(stores, mailbox, messageId);
    if (stored === null || isSwept(stored.value)) return { outcome: null };
    const { value: record, etag } = stored;
    if (isStub(record)) return { outcome: { changed: false, record, media: null, mayBeMarked: true } };
    if (!mayDelete(record)) return { outcome: null };
    const media = { region: regionOf(stores, record.region).name, key: record.media.key };
    const stub = stubOf(record, reason, now);
    if (!(await won(writeJson(store, key, stub, { etag })))) return undefined;
    return { outcome: { changed: true, record: stub, media, mayBeMarked: isMarked(record) } };
  }).then(({ outcome }) => outcome);
}

/**
 * Erases what a deleted message leaves: its media, what the stores keep of media and metadata, and the entry of its mark. Of one that was
 * found deleted already, whatever a stopped attempt left in any region. May be repeated.
 * @returns whether a recording was there, and what a store keeps all the same.
 */
export async function eraseMessage(
  stores: TenantStores,
  { record, media, mayBeMarked }: DeleteOutcome,
): Promise<Erasure> {
  const { mailbox, messageId } = record;
  const ofMedia =
    media === null
      ? await eraseAnyMedia(stores, stores.regions, record)
      : await erase(regionOf(stores, media.region), 'media', media.key);
  const ofMetadata = await erasePast(stores.master, 'metadata', metadataKey(stores.tenant, mailbox, messageId));
  const isIndexed = mayBeMarked && !stores.master.store.capabilities.tagSearch;
  // Last: as long as it is there, whoever looks for marked messages meets this one.
  const ofEntry = isIndexed
    ? (await erase(stores.master, 'index entry', markKey(stores.tenant, mailbox, messageId))).notErased
    : [];
  return { removed: ofMedia.removed, notErased: [...ofMedia.notErased, ...ofMetadata, ...ofEntry] };
}

/** Erases the media of a deleted message under every name that it may have: one that was removed already is in no listing. */
export async function eraseAnyMedia(
  stores: TenantStores,
  regions: readonly RegionStore[],
  ref: MessageRef,
): Promise<Erasure> {
  const { removed, notErased } = await removeRecordings(stores, regions, ref);
  const all = [...notErased];
  for (const region of regions) {
    for (const extension of MEDIA_EXTENSIONS) {
      all.push(...(await erasePast(region, 'media', mediaKey(stores.tenant, ref.mailbox, ref.messageId, extension))));
    }
  }
  return { removed: removed > 0, notErased: all };
}

/** Removes every recording in a deleted message's folders, and says how many there were. */
export async function removeRecordings(
  stores: TenantStores,
  regions: readonly RegionStore[],
  ref: MessageRef,
): Promise<{ readonly removed: number; readonly notErased: readonly NotErased[] }> {
  const metadata = metadataKey(stores.tenant, ref.mailbox, ref.messageId);
  const notErased: NotErased[] = [];
  let removed = 0;
  for (const region of regions) {
    for await (const { key } of region.store.list(messagePrefix(stores.tenant, ref.mailbox, ref.messageId))) {
      // Of the metadata the master's is the stub; another region's is a copy that a hand-over of the master left unfinished.
      if (key === metadata && region.name === stores.master.name) continue;
      const erasure = await erase(region, 'media', key);
      if (erasure.removed) removed += 1;
      notErased.push(...erasure.notErased);
    }
  }
  return { removed, notErased };
}
