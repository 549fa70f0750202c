import { applyMark, applyUnmark, isMarked, isStub, type Metadata } from '@voicemail/domain';
import type { ObjectInfo } from '@voicemail/object-store';
import { eraseAsSeen, type NotErased } from './erase.ts';
import type { Stored } from './json-document.ts';
import { markKey } from './keys.ts';
import { noteMark } from './mark-index.ts';
import { settleMediaTag, tagMedia } from './media-tag.ts';
import { readRecord } from './read-message.ts';
import type { TenantStores } from './tenant-stores.ts';
import { update, type ChangeOutcome, type MessageRef } from './update-message.ts';

/** What became of a mark or of taking one back. */
export interface MarkOutcome extends ChangeOutcome {
  /** The fact to announce, also again; null where there is none: the message is gone, or still marked by another request. */
  readonly fact: 'forget-marked' | 'forget-unmarked' | null;
}

/**
 * Marks a message for a request, and its media: `markRecord`, then `settleMediaTag`. May be repeated, and is then completed. null where there is
 * no such message.
 * @param now RFC 3339.
 * @throws Refusal `unknown-region`, StoreError: the metadata may be marked by then.
 */
export async function markMessage(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
  requestId: string,
  now: string,
): Promise<MarkOutcome | null> {
  const outcome = await markRecord(stores, { mailbox, messageId }, requestId, now);
  if (outcome !== null && !isStub(outcome.record)) await settleMediaTag(stores, outcome.record);
  return outcome;
}

/**
 * What of a mark lies in the master region: first the entry that the deletion rule finds it by, where its store has no search by tags, then the
 * metadata with its tag. The media's tag is still to follow. May be repeated. null where there is no such message.
 * @param now RFC 3339.
 * @param seen the message unmarked, as it was read last.
 */
export async function markRecord(
  stores: TenantStores,
  ref: MessageRef,
  requestId: string,
  now: string,
  seen?: Stored<Metadata>,
): Promise<MarkOutcome | null> {
  const decide = (message: Metadata): Metadata | null => applyMark(message, requestId, now);
  const outcome = await update(stores, ref, decide, () => noteMark(stores, ref, requestId, now), seen);
  if (outcome === null || isStub(outcome.record)) return outcome && { ...outcome, fact: null };
  return { ...outcome, fact: 'forget-marked' };
}

export interface UnmarkOutcome extends MarkOutcome {
  /** What the store keeps of the index entry all the same. */
  readonly notErased: readonly NotErased[];
}

/**
 * Takes back a request's mark. Where it is the last one, the media's tag goes first, so that no rule of a store's own acts on a message that
 * is marked no more; then the metadata changes, and the index entry goes last. May be repeated. null where there is no such message.
 * @param now RFC 3339.
 */
export async function unmarkMessage(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
  requestId: string,
  now: string,
): Promise<UnmarkOutcome | null> {
  const ref = { mailbox, messageId };
  const { master } = stores;
  const key = markKey(stores.tenant, mailbox, messageId);
  // Seen before the metadata changes: a mark that comes after it writes the entry anew, and that one stays.
  const seen: { entry: ObjectInfo | null } = { entry: null };
  const before = async (changed: Metadata): Promise<void> => {
    if (isMarked(changed)) return;
    seen.entry = master.store.capabilities.tagSearch ? null : await master.store.head(key);
    await tagMedia(stores, changed);
  };
  const decide = (message: Metadata): Metadata | null => applyUnmark(message, requestId, now);
  const outcome = await update(stores, ref, decide, before);
  if (outcome === null || isStub(outcome.record)) return outcome && { ...outcome, fact: null, notErased: [] };
  await settleMediaTag(stores, outcome.record);
  if (isMarked(outcome.record)) return { ...outcome, fact: null, notErased: [] };
  const { notErased } = seen.entry === null ? { notErased: [] } : await eraseAsSeen(master, 'index entry', seen.entry);
  return { ...outcome, fact: 'forget-unmarked', notErased };
}

/** Removes the entry of a mark whose message is marked no more: a worker may have died between the two. May be repeated. */
export async function settleMarkEntry(
  stores: TenantStores,
  { mailbox, messageId }: MessageRef,
): Promise<readonly NotErased[]> {
  const { master, tenant } = stores;
  if (master.store.capabilities.tagSearch) return [];
  // Seen before the message is looked at: a mark that comes after it writes the entry anew, and that one stays.
  const entry = await master.store.head(markKey(tenant, mailbox, messageId));
  if (entry === null) return [];
  const record = (await readRecord(stores, mailbox, messageId))?.value;
  if (record !== undefined && isMarked(record)) return [];
  return (await eraseAsSeen(master, 'index entry', entry)).notErased;
}
