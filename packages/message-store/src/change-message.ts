import { createHash } from 'node:crypto';
import {
  applyForward,
  applyStateAction,
  forwardedMessage,
  isStub,
  isSwept,
  stubOf,
  type GoneReason,
  type MessageRecord,
  type Metadata,
  type StateAction,
  type Stub,
} from '@voicemail/domain';
import { StoreError } from '@voicemail/object-store';
import { entryStore, noteCaller } from './caller-index.ts';
import { callerTags } from './caller-tags.ts';
import { messageRecord, type Place } from './documents.ts';
import { createJson, readJson, untilWon, won, writeJson, type Stored } from './json-document.ts';
import { mediaKey, messagePrefix, metadataKey } from './keys.ts';
import { mediaExtension } from './media.ts';
import { readRecord } from './read-message.ts';
import { Refusal } from './refusal.ts';
import { regionStore, type RegionStore, type TenantStores } from './tenant-stores.ts';

/** What became of a change. Whatever it is, `record` is what stands there now and is to be announced. */
export interface ChangeOutcome {
  /** false: it was done before, a later one is in force, or the message is gone. */
  readonly changed: boolean;
  readonly record: MessageRecord;
}

export interface ForwardOutcome {
  /** null where the source is gone and nothing was forwarded. */
  readonly target: MessageRecord | null;
  readonly source: MessageRecord;
}

/** Marks a message as listened to or new. null where there is none yet. @param now RFC 3339. */
export function changeState(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
  action: StateAction,
  now: string,
): Promise<ChangeOutcome | null> {
  return update(stores, mailbox, messageId, (message) => applyStateAction(message, action, now));
}

/** What became of a deletion. Its fact comes before `removeMedia`: a media region that is down keeps no lamp lit. */
export interface DeleteOutcome extends ChangeOutcome {
  /** Where the media lies; null where an earlier attempt may have left it anywhere. */
  readonly media: Place | null;
}

/**
 * Deletes a message: its stub takes the metadata's place. The index entry stays as long as the stub, so that a search finds what a
 * stopped attempt may leave. null where there is nothing to delete yet. The media is still to be removed, see `removeMedia`.
 */
export async function deleteMessage(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
  reason: GoneReason,
  now: string,
): Promise<DeleteOutcome | null> {
  const { store } = stores.master;
  const key = metadataKey(stores.tenant, mailbox, messageId);
  return untilWon<{ outcome: DeleteOutcome | null }>(key, async () => {
    const stored = await readRecord(stores, mailbox, messageId);
    if (stored === null || isSwept(stored.value)) return { outcome: null };
    if (isStub(stored.value)) return { outcome: { changed: false, record: stored.value, media: null } };
    const stub = stubOf(stored.value, reason, now);
    if (!(await won(writeJson(store, key, stub, { etag: stored.etag })))) return undefined;
    const media = { region: stored.value.region, key: stored.value.media.key };
    return { outcome: { changed: true, record: stub, media } };
  }).then(({ outcome }) => outcome);
}

/** Removes the media of a deleted message; of one that was found deleted already, whatever a stopped attempt left in any region. */
export async function removeMedia(stores: TenantStores, { record, media }: DeleteOutcome): Promise<void> {
  if (media === null) await removeRecordings(stores, stores.regions, record);
  else await regionStore(stores, media.region).delete(media.key);
}

/** Removes every recording in a deleted message's folders. Returns how many there were. */
export async function removeRecordings(
  stores: TenantStores,
  regions: readonly RegionStore[],
  ref: { readonly mailbox: string; readonly messageId: string },
): Promise<number> {
  const metadata = metadataKey(stores.tenant, ref.mailbox, ref.messageId);
  let removed = 0;
  for (const { store } of regions) {
    for await (const { key } of store.list(messagePrefix(stores.tenant, ref.mailbox, ref.messageId))) {
      if (key !== metadata && (await store.delete(key))) removed += 1;
    }
  }
  return removed;
}

/**
 * Forwards a message: a new message of its own in the other mailbox, with its own copy of the media, and a change of the source.
 * The target's id comes from the source and the event, so a repetition makes no second one. The source is changed before
 * the target is there: a repetition that finds the target knows that all was done.
 * null where there is no source yet.
 */
export async function forwardMessage(
  stores: TenantStores,
  from: { readonly mailbox: string; readonly messageId: string },
  toMailbox: string,
  eventId: string,
  now: string,
): Promise<ForwardOutcome | null> {
  const messageId = forwardedId(stores.tenant, from, toMailbox, eventId);
  const there = await readRecord(stores, toMailbox, messageId);
  const found = await readRecord(stores, from.mailbox, from.messageId);
  if (found === null || isSwept(found.value)) return null;
  if (there !== null && !isSwept(there.value)) return { target: there.value, source: found.value };
  if (isStub(found.value)) return withdraw(stores, { mailbox: toMailbox, messageId }, found.value, now);
  const key = mediaKey(stores.tenant, toMailbox, messageId, mediaExtension(found.value.media.contentType));
  const target = { mailbox: toMailbox, messageId, mediaKey: key };
  await noteTarget(stores, found.value, target, now);
  await copyMedia(stores, found.value, key, false);
  const source = await update(stores, from.mailbox, from.messageId, (message) => applyForward(message, eventId, now));
  if (source === null) return null;
  if (isStub(source.record)) return withdraw(stores, target, source.record, now);
  const message = forwardedMessage(source.record, target, now);
  return { target: await createTarget(stores, source.record, message), source: source.record };
}

/** The id of a forwarded message: the same for a repetition, another one for every other forward. */
export function forwardedId(
  tenant: string,
  from: { readonly mailbox: string; readonly messageId: string },
  toMailbox: string,
  eventId: string,
): string {
  const parts = JSON.stringify([tenant, from.mailbox, from.messageId, toMailbox, eventId]);
  return `fwd-${createHash('sha256').update(parts).digest('hex').slice(0, 40)}`;
}

/**
 * Takes back a forward whose source was deleted before its target was there. Another attempt may be about to make the target: the claim
 * comes first, as that of the orphan sweep does, and only who claimed removes the copy.
 */
async function withdraw(
  stores: TenantStores,
  target: { readonly mailbox: string; readonly messageId: string },
  source: Stub,
  now: string,
): Promise<ForwardOutcome> {
  const { store } = stores.master;
  const { mailbox, messageId } = target;
  const key = metadataKey(stores.tenant, mailbox, messageId);
  const claim: Stub = {
    tenant: stores.tenant,
    mailbox,
    messageId,
    gone: true,
    reason: 'swept',
    revision: 1,
    goneAt: now,
  };
  await createJson(store, key, claim);
  const standing = await readRecord(stores, mailbox, messageId);
  if (standing !== null && !isSwept(standing.value)) return { target: standing.value, source };
  await removeRecordings(stores, stores.regions, { mailbox, messageId });
  return { target: null, source };
}

async function noteTarget(
  stores: TenantStores,
  source: Metadata,
  target: { readonly mailbox: string; readonly messageId: string; readonly mediaKey: string },
  now: string,
): Promise<void> {
  const { region, time, callerId } = source;
  const what = { owner: target.mailbox, id: target.messageId, time, place: { region, key: target.mediaKey } };
  await noteCaller(stores, entryStore(stores, region), callerId, what, now);
}

/**
 * Copies the source's media to the target's key if nothing is there.
 * @param again replaces what is there: a sweep that claimed the target may still remove it.
 * @throws Refusal `media-missing` where the source has no media any more.
 */
async function copyMedia(stores: TenantStores, source: Metadata, key: string, again: boolean): Promise<void> {
  const store = regionStore(stores, source.region);
  if (again) await store.delete(key);
  try {
    await won(store.copy(source.media.key, key, { tags: callerTags(stores, store, source.callerId) }));
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'not-found') throw error;
    throw new Refusal('media-missing', 'the recording of the forwarded message is not in its store');
  }
}

async function createTarget(stores: TenantStores, source: Metadata, target: Metadata): Promise<MessageRecord> {
  const { store } = stores.master;
  const key = metadataKey(stores.tenant, target.mailbox, target.messageId);
  const tags = callerTags(stores, store, target.callerId);
  return untilWon<MessageRecord>(key, async () => {
    if (await createJson(store, key, target, tags)) return target;
    const stored = await readJson(store, key, messageRecord);
    if (stored === null) return undefined;
    if (!isSwept(stored.value)) return stored.value;
    await copyMedia(stores, source, target.media.key, true);
    const revived = { ...target, revision: stored.value.revision + 1 };
    return (await won(writeJson(store, key, revived, { etag: stored.etag }, tags))) ? revived : undefined;
  });
}

/** Reads, decides and writes by compare-and-set until no other writer comes between. `decide` says null for no change. */
async function update(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
  decide: (message: Metadata) => Metadata | null,
): Promise<ChangeOutcome | null> {
  const { store } = stores.master;
  const key = metadataKey(stores.tenant, mailbox, messageId);
  return untilWon<{ outcome: ChangeOutcome | null }>(key, async () => {
    const stored: Stored<MessageRecord> | null = await readRecord(stores, mailbox, messageId);
    if (stored === null || isSwept(stored.value)) return { outcome: null };
    if (isStub(stored.value)) return { outcome: { changed: false, record: stored.value } };
    const message = decide(stored.value);
    if (message === null) return { outcome: { changed: false, record: stored.value } };
    const tags = callerTags(stores, store, message.callerId);
    const wrote = await won(writeJson(store, key, message, { etag: stored.etag }, tags));
    return wrote ? { outcome: { changed: true, record: message } } : undefined;
  }).then(({ outcome }) => outcome);
}
