import { earlier, isStub, isSwept, type Metadata, type Priority, type Stub } from '@voicemail/domain';
import { StoreError } from '@voicemail/object-store';
import { entryStore, noteCaller } from './caller-index.ts';
import { messageTags } from './caller-tags.ts';
import { dropStaged, inspectMedia, putMedia, putMediaAnew, type DepositMedia } from './deposit-media.ts';
import { messageRecord } from './documents.ts';
import { erase, eraseAsSeen, type NotErased } from './erase.ts';
import { createJson, readJson, untilWon, won, writeJson } from './json-document.ts';
import { mediaKey, metadataKey } from './keys.ts';
import { mediaExtension } from './media.ts';
import { claimedEtag } from './orphan.ts';
import { Refusal } from './refusal.ts';
import { findRegion, regionOf, type RegionStore, type TenantStores } from './tenant-stores.ts';

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

export type StoredDeposit = DepositOutcome & {
  /** What a store keeps all the same of what was removed: of a staged object, or of media that does not belong there. */
  readonly notErased: readonly NotErased[];
};

/**
 * Stores a deposit: index entry where one is needed, media, metadata, in this order; the metadata's put-if-absent is the commit point. May be
 * repeated after any crash. A stub of the orphan sweep is replaced, any other keeps the message away.
 * @param now RFC 3339.
 * @throws Refusal `unknown-region`, `media-missing`, `media-mismatch`, `conflict`.
 */
export async function storeDeposit(stores: TenantStores, deposit: Deposit, now: string): Promise<StoredDeposit> {
  const region = regionOf(stores, deposit.region);
  const { mailbox, messageId, callerId } = deposit;
  const key = mediaKey(stores.tenant, mailbox, messageId, mediaExtension(deposit.media.contentType));
  const facts = await inspectMedia(region.store, deposit);
  if (facts === null) return { ...(await withoutItsMedia(stores, deposit)), notErased: [] };
  const time = earlier(deposit.depositedAt, deposit.takenAt);
  const what = { owner: mailbox, id: messageId, time, place: { region: region.name, key } };
  await noteCaller(stores, entryStore(stores, region.name), callerId, what, now);
  const etag = await putMedia(stores, region.store, deposit, key, facts.sha256);
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
    region: region.name,
    media: { key, contentType: deposit.media.contentType, size: facts.size, sha256: facts.sha256 },
    revision: 1,
    modifiedAt: now,
  };
  const attempt: Attempt = { stores, region, deposit, message, notErased: [] };
  const outcome = etag === null ? await meet(attempt, null) : await commit(attempt, etag);
  const ofStaged = await dropStaged(region, deposit.media);
  return { ...outcome, notErased: [...attempt.notErased, ...ofStaged] };
}

/** One attempt at storing a deposit. */
interface Attempt {
  readonly stores: TenantStores;
  readonly region: RegionStore;
  readonly deposit: Deposit;
  readonly message: Metadata;
  readonly notErased: NotErased[];
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

/** The commit point: the metadata's put-if-absent, or what stands there already. @param putEtag of the media. */
async function commit(attempt: Attempt, putEtag: string): Promise<DepositOutcome> {
  const { stores, region, deposit, message } = attempt;
  const master = stores.master.store;
  const key = metadataKey(stores.tenant, message.mailbox, message.messageId);
  const tags = messageTags(stores, master, message);
  let etag: string | null = putEtag;
  return untilWon(key, async () => {
    if (await createJson(master, key, message, tags)) return { kind: 'stored', message };
    const stored = await readJson(master, key, messageRecord);
    if (stored === null) return undefined;
    if (!isSwept(stored.value)) return meet(attempt, etag);
    const claimed = claimedEtag(stored.value, { region: region.name, key: message.media.key });
    etag = await putMediaAnew(stores, region.store, deposit, message.media, claimed);
    if (etag === null) return meet(attempt, null);
    const revived = { ...message, revision: stored.value.revision + 1 };
    const replaced = await won(writeJson(master, key, revived, { etag: stored.etag }, tags));
    return replaced ? { kind: 'stored', message: revived } : undefined;
  });
}

/**
 * Something stands where the message would: the message itself, another one of its id, or a stub. What this deposit put elsewhere is removed.
 * @param etag of its media; null where other bytes lie there, which are another's to remove: a copy of the storage may have put them there.
 */
async function meet({ stores, region, message, notErased }: Attempt, etag: string | null): Promise<DepositOutcome> {
  const stored = await readJson(
    stores.master.store,
    metadataKey(stores.tenant, message.mailbox, message.messageId),
    messageRecord,
  );
  if (stored !== null && isStub(stored.value) && !isSwept(stored.value)) {
    notErased.push(...(await erase(region, 'media', message.media.key)).notErased);
    return { kind: 'gone', stub: stored.value };
  }
  if (stored === null || isStub(stored.value)) {
    throw new Refusal('conflict', 'other bytes lie under this message id, from a deposit that was not completed');
  }
  const present = stored.value;
  if (etag !== null && !hasSamePlace(present, message) && !(await isMissedAt(stores, present, message))) {
    notErased.push(...(await eraseAsSeen(region, 'media', { key: message.media.key, etag })).notErased);
    await sayIfMovedThere(stores, message);
  }
  if (present.media.sha256 !== message.media.sha256) {
    throw new Refusal('conflict', 'there is another recording under this message id');
  }
  return { kind: 'repeated', message: present };
}

/** Whether the message lacks its recording, and ours is the same: another deposit of it may have taken away what a copy of the storage had just brought. */
async function isMissedAt(stores: TenantStores, present: Metadata, message: Metadata): Promise<boolean> {
  if (present.media.sha256 !== message.media.sha256) return false;
  const home = findRegion(stores, present.region);
  return home === null || (await home.store.head(present.media.key)) === null;
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
