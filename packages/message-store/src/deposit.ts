import { earlier, isStub, isSwept, type Metadata, type Priority, type Stub } from '@voicemail/domain';
import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { entryStore, noteCaller } from './caller-index.ts';
import { callerTags } from './caller-tags.ts';
import { messageRecord } from './documents.ts';
import { answerOf, createJson, readJson, untilWon, won, writeJson } from './json-document.ts';
import { mediaKey, metadataKey } from './keys.ts';
import { inspectBytes, inspectStream, mediaExtension, type MediaFacts } from './media.ts';
import { Refusal } from './refusal.ts';
import { regionStore, type TenantStores } from './tenant-stores.ts';

/** The recording as it came: in the record, or staged in the region's store. */
export type DepositMedia =
  | { readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly contentType: string; readonly stagedKey: string; readonly sha256?: string };

export interface Deposit {
  readonly mailbox: string;
  readonly messageId: string;
  readonly callerId: string | null;
  readonly region: string;
  /** RFC 3339, as the publisher says. */
  readonly depositedAt: string;
  /** RFC 3339: when the log took the record first. */
  readonly takenAt: string;
  readonly priority: Priority;
  readonly private: boolean;
  /** null: read off the media. */
  readonly durationMs: number | null;
  readonly media: DepositMedia;
}

export type DepositOutcome =
  /** Stored now, or found stored by an earlier attempt, maybe changed since. */
  | { readonly kind: 'stored' | 'repeated'; readonly message: Metadata }
  /** The message was deleted: nothing is stored. */
  | { readonly kind: 'gone'; readonly stub: Stub };

/**
 * Stores a deposit: index entry where one is needed, media, metadata, in this order; the metadata's put-if-absent is the commit point. May be
 * repeated after any crash. A stub of the orphan sweep is replaced, any other keeps the message away.
 * @param now RFC 3339.
 * @throws Refusal `unknown-region`, `media-missing`, `media-mismatch`, `conflict`.
 */
export async function storeDeposit(stores: TenantStores, deposit: Deposit, now: string): Promise<DepositOutcome> {
  const store = regionStore(stores, deposit.region);
  const { mailbox, messageId, callerId, region } = deposit;
  const key = mediaKey(stores.tenant, mailbox, messageId, mediaExtension(deposit.media.contentType));
  const facts = await inspect(store, deposit);
  if (facts === null) return withoutItsMedia(stores, deposit);
  const time = earlier(deposit.depositedAt, deposit.takenAt);
  const what = { owner: mailbox, id: messageId, time, place: { region, key } };
  await noteCaller(stores, entryStore(stores, region), callerId, what, now);
  const etag = await putMedia(stores, store, deposit, key, facts.sha256, false);
  const message: Metadata = {
    tenant: stores.tenant,
    mailbox,
    messageId,
    callerId,
    state: 'new',
    priority: deposit.priority,
    private: deposit.private,
    durationMs: deposit.durationMs ?? facts.durationMs,
    depositedAt: new Date(deposit.depositedAt).toISOString(),
    time,
    region,
    media: { key, contentType: deposit.media.contentType, size: facts.size, sha256: facts.sha256 },
    revision: 1,
    modifiedAt: now,
  };
  const outcome =
    etag === null ? await meet(stores, message, null) : await commit(stores, store, deposit, message, etag);
  await dropStaged(store, deposit.media);
  return outcome;
}

/** null where the staged object is not there. @throws Refusal `media-mismatch`. */
async function inspect(store: ObjectStore, deposit: Deposit): Promise<MediaFacts | null> {
  const { media } = deposit;
  const wantsDuration = deposit.durationMs === null;
  if ('bytes' in media) return inspectBytes(media.bytes, media.contentType, wantsDuration);
  if ((await store.head(media.stagedKey)) === null) return null;
  const facts = await inspectStream(() => openStaged(store, media.stagedKey), media.contentType, wantsDuration);
  if (media.sha256 !== undefined && media.sha256.toLowerCase() !== facts.sha256) {
    throw new Refusal('media-mismatch', 'the staged object does not have the sha256 that the event names');
  }
  return facts;
}

async function openStaged(store: ObjectStore, key: string): Promise<AsyncIterable<Uint8Array>> {
  const reader = await store.get(key);
  if (reader === null) throw new StoreError('unavailable', 'get', key, 'the staged object went while it was read');
  return reader.body;
}

/** The staged object is removed after the commit: without it, only what is committed already can answer. */
async function withoutItsMedia(stores: TenantStores, deposit: Deposit): Promise<DepositOutcome> {
  const key = metadataKey(stores.tenant, deposit.mailbox, deposit.messageId);
  const stored = await readJson(stores.master.store, key, messageRecord);
  if (stored === null || isSwept(stored.value)) {
    throw new Refusal('media-missing', 'there is no object under the staged key in the region');
  }
  if (isStub(stored.value)) return { kind: 'gone', stub: stored.value };
  const { media } = deposit;
  const isSame = 'bytes' in media || media.sha256 === undefined || media.sha256 === stored.value.media.sha256;
  if (!isSame) throw new Refusal('conflict', 'there is another recording under this message id');
  return { kind: 'repeated', message: stored.value };
}

/**
 * Puts the media if there is none.
 * @param again puts it also where there is some: after a sweep's claim, which may still remove what lay there.
 * @returns the etag of what lies there; null where it is other bytes.
 */
async function putMedia(
  stores: TenantStores,
  store: ObjectStore,
  deposit: Deposit,
  key: string,
  sha256: string,
  again: boolean,
): Promise<string | null> {
  const { media } = deposit;
  const tags = callerTags(stores, store, deposit.callerId);
  const options = { contentType: media.contentType, tags, ...(again ? {} : { condition: { absent: true as const } }) };
  return untilWon<{ etag: string | null }>(key, async () => {
    const put = await answerOf(
      'bytes' in media
        ? store.put(key, media.bytes, options)
        : again
          ? store.put(key, await openStaged(store, media.stagedKey), options)
          : store.copy(media.stagedKey, key, { tags }),
    );
    if (put !== null) return { etag: put.etag };
    const present = await store.get(key);
    if (present === null) return undefined;
    const found = await inspectStream(async () => present.body, present.info.contentType, false);
    return { etag: found.sha256 === sha256 ? present.info.etag : null };
  }).then(({ etag }) => etag);
}

/** The commit point: the metadata's put-if-absent, or what stands there already. */
async function commit(
  stores: TenantStores,
  store: ObjectStore,
  deposit: Deposit,
  message: Metadata,
  etag: string,
): Promise<DepositOutcome> {
  const master = stores.master.store;
  const key = metadataKey(stores.tenant, message.mailbox, message.messageId);
  const tags = callerTags(stores, master, message.callerId);
  return untilWon(key, async () => {
    if (await createJson(master, key, message, tags)) return { kind: 'stored', message };
    const stored = await readJson(master, key, messageRecord);
    if (stored === null) return undefined;
    if (!isSwept(stored.value)) return meet(stores, message, etag);
    await putMedia(stores, store, deposit, message.media.key, message.media.sha256, true);
    const revived = { ...message, revision: stored.value.revision + 1 };
    const replaced = await won(writeJson(master, key, revived, { etag: stored.etag }, tags));
    return replaced ? { kind: 'stored', message: revived } : undefined;
  });
}

/**
 * Something stands where the message would: the message itself, another one of its id, or a stub. What this deposit put elsewhere is removed.
 * @param etag of its media; null where other bytes lie there, which are another's to remove: a copy of the storage may have put them there.
 */
async function meet(stores: TenantStores, message: Metadata, etag: string | null): Promise<DepositOutcome> {
  const key = metadataKey(stores.tenant, message.mailbox, message.messageId);
  const stored = await readJson(stores.master.store, key, messageRecord);
  if (stored !== null && isStub(stored.value) && !isSwept(stored.value)) {
    await regionStore(stores, message.region).delete(message.media.key);
    return { kind: 'gone', stub: stored.value };
  }
  if (stored === null || isStub(stored.value)) {
    throw new Refusal('conflict', 'other bytes lie under this message id, from a deposit that was not completed');
  }
  const present = stored.value;
  if (etag !== null && !hasSamePlace(present, message)) {
    await won(regionStore(stores, message.region).delete(message.media.key, { etag }));
    await sayIfMovedThere(stores, message);
  }
  if (present.media.sha256 !== message.media.sha256) {
    throw new Refusal('conflict', 'there is another recording under this message id');
  }
  return { kind: 'repeated', message: present };
}

/**
 * A copy of the storage may move the message to the very place that was just cleared (see `copyStorage`).
 * @throws StoreError `busy`: the next attempt puts the recording there again.
 */
async function sayIfMovedThere(stores: TenantStores, message: Metadata): Promise<void> {
  const key = metadataKey(stores.tenant, message.mailbox, message.messageId);
  const stored = await readJson(stores.master.store, key, messageRecord);
  if (stored === null || isStub(stored.value) || !hasSamePlace(stored.value, message)) return;
  throw new StoreError('busy', 'delete', message.media.key, 'the message was moved there meanwhile; try again');
}

const hasSamePlace = (a: Metadata, b: Metadata): boolean => a.region === b.region && a.media.key === b.media.key;

async function dropStaged(store: ObjectStore, media: DepositMedia): Promise<void> {
  if ('stagedKey' in media) await store.delete(media.stagedKey);
}
