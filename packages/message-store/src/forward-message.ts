import { createHash } from 'node:crypto';
import {
  applyForward,
  forwardedMessage,
  isMarked,
  isStub,
  isSwept,
  type MessageRecord,
  type Metadata,
  type Stub,
} from '@voicemail/domain';
import { StoreError } from '@voicemail/object-store';
import { entryStore, noteCaller } from './caller-index.ts';
import { messageTags } from './caller-tags.ts';
import { messageRecord } from './documents.ts';
import { erase, type NotErased } from './erase.ts';
import { createJson, readJson, untilWon, won, writeJson } from './json-document.ts';
import { markKey, mediaKey, metadataKey } from './keys.ts';
import { noteArrived, noteAwaited } from './mark-index.ts';
import { settleMediaTag } from './media-tag.ts';
import { mediaExtension } from './media.ts';
import { claimedEtag } from './orphan.ts';
import { putAnew } from './put-anew.ts';
import { liesElsewhere, openMedia, readRecord } from './read-message.ts';
import { Refusal } from './refusal.ts';
import { regionOf, regionStore, type TenantStores } from './tenant-stores.ts';
import { update, type MessageRef } from './update-message.ts';
import { withdrawForward } from './withdraw-forward.ts';

export interface ForwardOutcome {
  /** null where the source is gone and nothing was forwarded. */
  readonly target: MessageRecord | null;
  readonly source: MessageRecord;
  /** What a store keeps of a copy that was taken back. */
  readonly notErased: readonly NotErased[];
}

/**
 * Forwards a message: a new message of its own in the other mailbox, with its own copy of the media, and a change of the source.
 * The target's id comes from the source and the event, so a repetition makes no second one. The source is changed before
 * the target is there: a repetition that finds the target knows that all was done. The source's mark goes with it.
 * null where there is no source yet.
 */
export async function forwardMessage(
  stores: TenantStores,
  from: MessageRef,
  toMailbox: string,
  eventId: string,
  now: string,
): Promise<ForwardOutcome | null> {
  const to = { mailbox: toMailbox, messageId: forwardedId(stores.tenant, from, toMailbox, eventId) };
  const there = await readRecord(stores, to.mailbox, to.messageId);
  const found = await readRecord(stores, from.mailbox, from.messageId);
  if (found === null || isSwept(found.value)) return null;
  if (there !== null && !isSwept(there.value)) {
    await settleTarget(stores, there.value);
    return { target: there.value, source: found.value, notErased: [] };
  }
  if (isStub(found.value)) return withdrawn(stores, to, found.value, now);
  const before = found.value;
  const target = {
    ...to,
    mediaKey: mediaKey(stores.tenant, to.mailbox, to.messageId, mediaExtension(before.media.contentType)),
  };
  await noteTarget(stores, before, target, now);
  await copyMedia(stores, before, target.mediaKey);
  const source = await update(stores, from, (message) => applyForward(message, eventId, now));
  if (source === null) return null;
  if (isStub(source.record)) return withdrawn(stores, to, source.record, now);
  // The copy lies where the source was found, wherever that has been moved to since.
  const message = { ...forwardedMessage(source.record, target, now), region: before.region };
  const made = await createTarget(stores, source.record, message);
  // Deleted since it was looked for: this copy came after that.
  if (isStub(made)) {
    const { notErased } = await erase(regionOf(stores, message.region), 'media', target.mediaKey);
    return { target: made, source: source.record, notErased };
  }
  // The copy has the tags of the source as it was found.
  await settleTarget(stores, made, isMarked(made) === isMarked(before));
  return { target: made, source: source.record, notErased: [] };
}

/** The id of a forwarded message: the same for a repetition, another one for every other forward. */
export function forwardedId(tenant: string, from: MessageRef, toMailbox: string, eventId: string): string {
  const parts = JSON.stringify([tenant, from.mailbox, from.messageId, toMailbox, eventId]);
  return `fwd-${createHash('sha256').update(parts).digest('hex').slice(0, 40)}`;
}

/** Takes back a forward whose source was deleted before its target was there. */
async function withdrawn(stores: TenantStores, to: MessageRef, source: Stub, now: string): Promise<ForwardOutcome> {
  const { standing, notErased } = await withdrawForward(stores, to, now);
  return { target: standing, source, notErased };
}

/** What follows when the target is there: its media is tagged as it is marked, and the entry of its mark awaits it no more. */
async function settleTarget(stores: TenantStores, target: MessageRecord, areTagsRight = false): Promise<void> {
  if (isStub(target)) return;
  if (!areTagsRight) await settleMediaTag(stores, target);
  if (isMarked(target)) await noteArrived(stores, target);
}

async function noteTarget(
  stores: TenantStores,
  { region, time, callerId }: Metadata,
  target: MessageRef & { readonly mediaKey: string },
  now: string,
): Promise<void> {
  const what = { owner: target.mailbox, id: target.messageId, time, place: { region, key: target.mediaKey } };
  await noteCaller(stores, entryStore(stores, region), callerId, what, now);
}

/** Copies the source's media to the target's key if nothing is there. @throws as `explained` says. */
async function copyMedia(stores: TenantStores, source: Metadata, key: string): Promise<void> {
  const store = regionStore(stores, source.region);
  const copying = store.copy(source.media.key, key, { tags: messageTags(stores, store, source) });
  await explained(stores, source, won(copying));
}

/**
 * What becomes of a copy whose source is not there.
 * @throws Refusal `media-missing` where the source lacks its recording. StoreError `busy` where it was deleted or moved meanwhile: the next
 * attempt knows what to do.
 */
async function explained<T>(stores: TenantStores, source: Metadata, copying: Promise<T>): Promise<T> {
  try {
    return await copying;
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'not-found') throw error;
    const now = (await readRecord(stores, source.mailbox, source.messageId))?.value;
    const isThere = now !== undefined && !isStub(now) && now.region === source.region;
    if (isThere && !(await liesElsewhere(stores, source))) {
      throw new Refusal('media-missing', 'the recording of the forwarded message is not in its store');
    }
    throw new StoreError('busy', 'copy', source.media.key, 'the message was deleted or moved meanwhile; try again');
  }
}

/** Copies it whatever is there, from wherever the source is: a sweep that claimed the target may still remove what it saw, of this etag. @throws as `explained` says. */
async function copyMediaAnew(
  stores: TenantStores,
  source: Metadata,
  target: Metadata,
  claimed: string | null,
): Promise<void> {
  const store = regionStore(stores, target.region);
  const open = async (): Promise<AsyncIterable<Uint8Array>> => (await openMedia(stores, source)).body;
  const { contentType } = source.media;
  const object = { contentType, tags: messageTags(stores, store, target), open };
  await explained(stores, source, putAnew(store, target.media.key, object, claimed));
}

async function createTarget(stores: TenantStores, source: Metadata, target: Metadata): Promise<MessageRecord> {
  const { store } = stores.master;
  const key = metadataKey(stores.tenant, target.mailbox, target.messageId);
  const tags = messageTags(stores, store, target);
  return untilWon<MessageRecord>(key, async () => {
    if (isMarked(target)) await noteAwaited(stores, target, null);
    if (await createJson(store, key, target, tags)) return target;
    const stored = await readJson(store, key, messageRecord);
    if (stored === null) return undefined;
    if (!isSwept(stored.value)) return stored.value;
    const entry = { region: stores.master.name, key: markKey(stores.tenant, target.mailbox, target.messageId) };
    // Written once more: whoever claimed it may still remove the one that it saw.
    if (isMarked(target)) await noteAwaited(stores, target, claimedEtag(stored.value, entry));
    const claimed = claimedEtag(stored.value, { region: target.region, key: target.media.key });
    await copyMediaAnew(stores, source, target, claimed);
    const revived = { ...target, revision: stored.value.revision + 1 };
    return (await won(writeJson(store, key, revived, { etag: stored.etag }, tags))) ? revived : undefined;
  });
}
