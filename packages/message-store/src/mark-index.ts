import { isMarked, isStub, type MessageRecord, type Metadata } from '@voicemail/domain';
import { z } from 'zod';
import { FORGET_TAG } from './caller-tags.ts';
import { inBatches } from './in-batches.ts';
import { answerOf, createJson, readJson, untilWon, won, writeJson, type Stored } from './json-document.ts';
import { markKey, marksPrefix, ownerOf } from './keys.ts';
import { readRecord } from './read-message.ts';
import type { TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

/** Messages that are read at once while the marked ones are listed. */
const LIST_CONCURRENCY = 16;

/**
 * Writes the entry of a mark, also where one is there: whoever takes another request's mark back removes the entry as it was before.
 * Called between reading the metadata and changing it, so that it is later than any such look whose change was seen.
 */
export async function noteMark(
  stores: TenantStores,
  { mailbox, messageId }: MessageRef,
  requestId: string,
  now: string,
): Promise<void> {
  const { store } = stores.master;
  if (store.capabilities.tagSearch) return;
  const key = markKey(stores.tenant, mailbox, messageId);
  const entry = { requestId, notedAt: now };
  await untilWon(key, async () => {
    if (await createJson(store, key, entry)) return true;
    const there = await store.head(key);
    if (there === null) return undefined;
    if (await won(writeJson(store, key, entry, { etag: there.etag }))) return true;
    // Another mark wrote it since: that one is as late as ours would be.
    return (await store.head(key)) !== null || undefined;
  });
}

const markEntry = z.object({
  requestId: z.string(),
  /** RFC 3339: when it was written last. */
  notedAt: z.string(),
  /** A forward wrote it before its copy, and nobody has known the copy to be there. */
  isAwaited: z.literal(true).exactOptional(),
});
export type MarkEntry = z.infer<typeof markEntry>;

/**
 * The same for the copy that a forward is about to bring marked: without that message it tells of no loss, and `noteArrived` follows.
 * @param claimed the etag of the entry that a sweep, or a run of the deletion rule, is about to remove: this one has another. null where none is.
 */
export async function noteAwaited(
  stores: TenantStores,
  { mailbox, messageId, forgetRequestIds: [requestId = ''] = [], modifiedAt: notedAt }: Metadata,
  claimed: string | null,
): Promise<void> {
  const { store } = stores.master;
  if (store.capabilities.tagSearch) return;
  const key = markKey(stores.tenant, mailbox, messageId);
  await untilWon(key, async () => {
    const there = await readJson(store, key, markEntry);
    const isAwaited = there === null || there.value.isAwaited === true;
    const entry: MarkEntry = { requestId, notedAt, ...(isAwaited ? { isAwaited } : {}) };
    const condition = there === null ? { absent: true as const } : { etag: there.etag };
    const put = await answerOf(writeJson(store, key, entry, condition));
    return put === null || put.etag === claimed ? undefined : true;
  });
}

/** Says of a mark that its message is there: from then on a mark without it is one of a message that was lost. May be repeated. */
export async function noteArrived(stores: TenantStores, ref: MessageRef): Promise<void> {
  const { store } = stores.master;
  if (store.capabilities.tagSearch) return;
  const stored = await readMarkEntry(stores, ref);
  if (stored?.value.isAwaited !== true) return;
  const { isAwaited: _isAwaited, ...entry } = stored.value;
  // Whoever was first wrote it of a message that is there too, or is another attempt at the forward, which says so itself.
  await won(writeJson(store, markKey(stores.tenant, ref.mailbox, ref.messageId), entry, { etag: stored.etag }));
}

/** null where there is none. @throws StoreError `corrupt`. */
export const readMarkEntry = (
  { tenant, master }: TenantStores,
  { mailbox, messageId }: MessageRef,
): Promise<Stored<MarkEntry> | null> => readJson(master.store, markKey(tenant, mailbox, messageId), markEntry);

/**
 * Whether a mark has an entry. While it has one and its message is not there, the deletion rule is still to complete that deletion, or a forward is
 * about to bring it: what it is found by, and what is left of it, stay until then.
 */
export async function hasMarkEntry(
  { tenant, master }: TenantStores,
  { mailbox, messageId }: MessageRef,
): Promise<boolean> {
  return (
    !master.store.capabilities.tagSearch && (await master.store.head(markKey(tenant, mailbox, messageId))) !== null
  );
}

/** Something that was marked, and what stands there now: null where there is nothing at all, not even the stub of a deletion. */
export interface Mark {
  readonly ref: MessageRef;
  readonly record: Stored<MessageRecord> | null;
}

/** Every mark of the tenant, without listing mailboxes: what it costs follows what is marked. Where tags lag, what was marked seconds ago may be missing. */
export async function* listMarks(stores: TenantStores): AsyncGenerator<Mark> {
  const refs = stores.master.store.capabilities.tagSearch ? markedByTag(stores) : markedByIndex(stores);
  const read = async (ref: MessageRef): Promise<Mark> => ({
    ref,
    record: await readRecord(stores, ref.mailbox, ref.messageId),
  });
  yield* inBatches(refs, LIST_CONCURRENCY, read);
}

/** Those whose messages are there, and marked. */
export async function* listMarked(stores: TenantStores): AsyncGenerator<Stored<Metadata>> {
  for await (const { record } of listMarks(stores)) {
    if (record !== null && !isStub(record.value) && isMarked(record.value))
      yield { value: record.value, etag: record.etag };
  }
}

async function* markedByTag({ tenant, master }: TenantStores): AsyncGenerator<MessageRef> {
  for await (const key of master.store.find(`${tenant}/mailboxes/`, FORGET_TAG)) {
    const found = ownerOf(tenant, key);
    // Media carries the tag too.
    if (found !== null && !found.isMedia) yield { mailbox: found.owner, messageId: found.id };
  }
}

async function* markedByIndex({ tenant, master }: TenantStores): AsyncGenerator<MessageRef> {
  const prefix = marksPrefix(tenant);
  for await (const { key } of master.store.list(prefix)) {
    const [mailbox, messageId] = key.slice(prefix.length).split('/');
    if (mailbox !== undefined && messageId !== undefined) yield { mailbox, messageId };
  }
}
