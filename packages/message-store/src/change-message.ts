import { createHash } from 'node:crypto';
import {
  applyForward,
  applyStateAction,
  forwardedMessage,
  isStub,
  stubOf,
  type GoneReason,
  type MessageRecord,
  type Metadata,
  type StateAction,
  type Stub,
} from '@voicemail/domain';
import { callerHash, callerTags, noteCaller } from './caller-index.ts';
import { messageRecord } from './documents.ts';
import { createJson, readJson, untilWon, won, writeJson, type Stored } from './json-document.ts';
import { mediaKey, messagePrefix, metadataKey } from './keys.ts';
import { mediaExtension } from './media.ts';
import { readRecord } from './read-message.ts';
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

/**
 * Deletes a message: its stub takes the metadata's place, then its media goes. The index entry stays as long as the stub, so
 * that a search finds what a stopped attempt may leave. A repetition removes what an attempt that stopped after its stub left.
 * null where there is nothing to delete yet.
 */
export async function deleteMessage(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
  reason: GoneReason,
  now: string,
): Promise<ChangeOutcome | null> {
  const key = metadataKey(stores.tenant, mailbox, messageId);
  return untilWon<{ outcome: ChangeOutcome | null }>(key, async () => {
    const stored = await readRecord(stores, mailbox, messageId);
    if (stored === null) return { outcome: null };
    if (isStub(stored.value)) {
      if (stored.value.reason !== 'swept') await removeRecordings(stores, stores.regions, { mailbox, messageId });
      return { outcome: { changed: false, record: stored.value } };
    }
    const stub = await putStub(stores, stored.value, stored.etag, reason, now);
    return stub === null ? undefined : { outcome: { changed: true, record: stub } };
  }).then(({ outcome }) => outcome);
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

/** The compare-and-set that is a deletion, and the media after it. null where another writer came first. */
export async function putStub(
  stores: TenantStores,
  message: Metadata,
  etag: string,
  reason: GoneReason,
  now: string,
): Promise<Stub | null> {
  const stub = stubOf(message, reason, now);
  const key = metadataKey(stores.tenant, message.mailbox, message.messageId);
  if (!(await won(writeJson(stores.master.store, key, stub, { etag })))) return null;
  await regionStore(stores, message.region).delete(message.media.key);
  return stub;
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
  const done = await readRecord(stores, from.mailbox, from.messageId);
  if (done === null) return null;
  if (there !== null && !isSwept(there.value)) return { target: there.value, source: done.value };
  if (isStub(done.value)) return { target: null, source: done.value };
  const key = mediaKey(stores.tenant, toMailbox, messageId, mediaExtension(done.value.media.contentType));
  await copyMedia(stores, done.value, { mailbox: toMailbox, messageId, key });
  const source = await update(stores, from.mailbox, from.messageId, (message) => applyForward(message, eventId, now));
  if (source === null || isStub(source.record)) {
    await regionStore(stores, done.value.region).delete(key);
    return source === null ? null : { target: null, source: source.record };
  }
  const target = forwardedMessage(source.record, { mailbox: toMailbox, messageId, mediaKey: key }, now);
  return { target: await createTarget(stores, target), source: source.record };
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

const isSwept = (record: MessageRecord): boolean => isStub(record) && record.reason === 'swept';

async function copyMedia(
  stores: TenantStores,
  source: Metadata,
  target: { readonly mailbox: string; readonly messageId: string; readonly key: string },
): Promise<void> {
  const { region, time, callerId, media } = source;
  const store = regionStore(stores, region);
  const what = { owner: target.mailbox, id: target.messageId, time, place: { region, key: target.key } };
  await noteCaller(stores, stores.master.store, callerHash(stores, callerId), what);
  await won(store.copy(media.key, target.key, { tags: callerTags(stores, store, callerId) }));
}

async function createTarget(stores: TenantStores, target: Metadata): Promise<MessageRecord> {
  const { store } = stores.master;
  const key = metadataKey(stores.tenant, target.mailbox, target.messageId);
  const tags = callerTags(stores, store, target.callerId);
  return untilWon<MessageRecord>(key, async () => {
    if (await createJson(store, key, target, tags)) return target;
    const stored = await readJson(store, key, messageRecord);
    if (stored === null) return undefined;
    if (!isSwept(stored.value)) return stored.value;
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
    if (stored === null) return { outcome: null };
    if (isStub(stored.value)) return { outcome: { changed: false, record: stored.value } };
    const message = decide(stored.value);
    if (message === null) return { outcome: { changed: false, record: stored.value } };
    const tags = callerTags(stores, store, message.callerId);
    const wrote = await won(writeJson(store, key, message, { etag: stored.etag }, tags));
    return wrote ? { outcome: { changed: true, record: message } } : undefined;
  }).then(({ outcome }) => outcome);
}
