import { isMarked, isStub, isSwept, type MessageRecord, type Metadata } from '@voicemail/domain';
import type { ObjectInfo } from '@voicemail/object-store';
import { entryStore } from '../caller-index.ts';
import { CALLER_TAG } from '../caller-tags.ts';
import { carriedMessageTags, formOfTag, haveSameTags } from '../carried-tags.ts';
import { carryEntry } from '../carry-entry.ts';
import { removeRecordings } from '../delete-message.ts';
import { messageRecord } from '../documents.ts';
import type { NotErased } from '../erase.ts';
import { answerOf, parseDocument, untilWon } from '../json-document.ts';
import { callerIndexKey, metadataKey } from '../keys.ts';
import { settleMediaTag } from '../media-tag.ts';
import { readDocument } from '../read-document.ts';
import { readMessage } from '../read-message.ts';
import { regionStore, type TenantStores } from '../tenant-stores.ts';
import type { MessageRef } from '../update-message.ts';

/** What was done to a message. */
export interface RekeyedMessage {
  /** Its index entry under the current key was missing. */
  readonly entry: boolean;
  /** Objects that were tagged anew. */
  readonly tags: number;
  /** Recordings that a stopped deletion had left. */
  readonly removed: number;
  readonly notErased: readonly NotErased[];
}

/**
 * Makes a message found under the current key alone: sees that its index entry is there, and tags metadata and media with the current hash
 * where their store has it hashed. The metadata is written as it is, so its `modifiedAt` does not move. What a deleted one has left goes:
 * nobody knows whose it is any more, to tag it anew.
 * @param now RFC 3339.
 */
export async function rekeyMessage(stores: TenantStores, ref: MessageRef, now: string): Promise<RekeyedMessage> {
  const key = metadataKey(stores.tenant, ref.mailbox, ref.messageId);
  const { store: master } = stores.master;
  let tags = 0;
  const { record: message } = await untilWon<{ record: MessageRecord | null }>(key, async () => {
    const document = await readDocument(master, key);
    const record = document === null ? null : parseDocument(key, document.bytes, messageRecord);
    if (document === null || record === null || isStub(record)) return { record };
    const wanted = carriedMessageTags(stores, master, document.tags, record);
    if (haveSameTags(document.tags, wanted)) return { record };
    const { bytes, contentType, etag } = document;
    const put = await answerOf(master.put(key, bytes, { contentType, tags: wanted, condition: { etag } }));
    if (put === null) return undefined;
    tags += 1;
    return { record };
  });
  if (message === null || isSwept(message)) return { entry: false, tags, removed: 0, notErased: [] };
  if (isStub(message)) return { entry: false, tags, ...(await removeRecordings(stores, stores.regions, ref)) };
  const info = await regionStore(stores, message.region).head(message.media.key);
  const entry = await seeToEntry(stores, message, info, now);
  if (info !== null && (await tagMedia(stores, message, info))) tags += 1;
  return { entry, tags, removed: 0, notErased: [] };
}

/** @returns whether the entry was missing. */
async function seeToEntry(
  stores: TenantStores,
  message: Metadata,
  info: ObjectInfo | null,
  now: string,
): Promise<boolean> {
  const { tenant, hashes } = stores;
  const { mailbox, messageId, region, media, time } = message;
  const index = entryStore(stores, region);
  const form = formOfTag(stores, info?.tags[CALLER_TAG], message.callerId);
  if (index === null || form === null) return false;
  const key = callerIndexKey(tenant, hashes.current(tenant, form), mailbox, messageId);
  const places = [{ region, key: media.key }];
  return carryEntry(index, key, { time, places, notedAt: now, keyId: hashes.keyId });
}

/** @returns whether it was tagged anew. */
async function tagMedia(
  stores: TenantStores,
  message: Metadata,
  { key, tags, tagsUnsettled }: ObjectInfo,
): Promise<boolean> {
  const store = regionStore(stores, message.region);
  const wanted = carriedMessageTags(stores, store, tags, message);
  if (haveSameTags(tags, wanted) && tagsUnsettled !== true) return false;
  await store.tag(key, wanted, { order: isMarked(message) ? 'touch-first' : 'tags-first' });
  // It may have been marked or unmarked since it was read.
  const standing = await readMessage(stores, message.mailbox, message.messageId);
  if (standing !== null) await settleMediaTag(stores, standing.value);
  return true;
}
