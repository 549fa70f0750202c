import { isStub, isSwept, type Metadata } from '@voicemail/domain';
import { entryStore, isSamePlace } from '../caller-index.ts';
import { CALLER_TAG } from '../caller-tags.ts';
import { carriedMessageTags, formOfTag } from '../carried-tags.ts';
import { carryEntry } from '../carry-entry.ts';
import { eraseAsSeen, type Erasure } from '../erase.ts';
import { untilWon, won, writeJson } from '../json-document.ts';
import { callerIndexKey, metadataKey } from '../keys.ts';
import { settleMediaTag } from '../media-tag.ts';
import { readMessage, readRecord } from '../read-message.ts';
import { copyRecording, type Spot } from './copy-recording.ts';
import { regionOf, type RegionStore, type TenantStores } from '../tenant-stores.ts';
import type { MessageRef } from '../update-message.ts';

/** From where to where. */
export interface Route {
  readonly from: RegionStore;
  readonly to: RegionStore;
}

/** What became of a message's move. */
export interface Move extends Erasure {
  /** As it stands now; null where it was not in the source region, or is gone. */
  readonly message: Metadata | null;
}

/**
 * Moves a message's recording: the index entry where the target needs one, the copy, the metadata by compare-and-set, then the source goes.
 * The metadata names another region and is else what it was: a move is no change of the message, so neither its `revision` nor its
 * `modifiedAt` moves and there is no fact. What a crash leaves is put right by a repetition or by `settleRecording`.
 * @param now RFC 3339.
 * @throws ForAPerson, StoreError.
 */
export async function moveMessage(
  stores: TenantStores,
  ref: MessageRef,
  { from, to }: Route,
  now: string,
): Promise<Move> {
  const { store: master } = stores.master;
  const key = metadataKey(stores.tenant, ref.mailbox, ref.messageId);
  const copy: { key: string | null; etag: string | null } = { key: null, etag: null };
  const { message } = await untilWon<{ message: Metadata | null }>(key, async () => {
    const stored = await readMessage(stores, ref.mailbox, ref.messageId);
    // Here already: an earlier attempt of this very move took effect, and its answer was lost.
    if (stored?.value.region === to.name && copy.key !== null) return { message: stored.value };
    if (stored?.value.region !== from.name) return { message: null };
    const moved = { ...stored.value, region: to.name };
    await noteMove(stores, moved, from, now);
    copy.key = moved.media.key;
    const [source, target] = [from, to].map(({ store }) => ({ store, key: moved.media.key })) as [Spot, Spot];
    copy.etag = await copyRecording(stores, moved, source, target);
    const tags = carriedMessageTags(stores, master, (await master.head(key))?.tags ?? {}, moved);
    return (await won(writeJson(master, key, moved, { etag: stored.etag }, tags))) ? { message: moved } : undefined;
  });
  if (message !== null) return { message, ...(await settleRecording(stores, ref, from, message.media.key, copy.etag)) };
  // Deleted while it was copied: the copy goes too.
  return { message, ...(copy.key === null ? NOTHING : await settleRecording(stores, ref, to, copy.key)) };
}

/**
 * Erases a recording in a message's folder where the message does not have it there: what a move left at its source, or a stopped attempt
 * anywhere. It stays where there is no message yet, for its deposit may be under way, and until it was seen that the message has its recording.
 * @param seenEtag of the message's own recording, where that was seen to be right.
 * @throws ForAPerson, StoreError.
 */
export async function settleRecording(
  stores: TenantStores,
  ref: MessageRef,
  region: RegionStore,
  key: string,
  seenEtag: string | null = null,
): Promise<Erasure> {
  const info = await region.store.head(key);
  if (info === null) return NOTHING;
  const record = (await readRecord(stores, ref.mailbox, ref.messageId))?.value;
  if (record === undefined || isSwept(record)) return NOTHING;
  if (!isStub(record)) {
    if (isSamePlace({ region: record.region, key: record.media.key }, { region: region.name, key })) return NOTHING;
    const home = regionOf(stores, record.region);
    const spot = { store: home.store, key: record.media.key };
    if (seenEtag === null || (await spot.store.head(spot.key))?.etag !== seenEtag) {
      // A deposit of the same message may have removed the copy as its own, and put it there again: until it is seen this is all there is.
      await copyRecording(stores, record, { store: region.store, key }, spot);
      // The message may have been deleted or marked meanwhile: then the copy is what is left, or lacks the mark.
      await settleRecording(stores, ref, home, spot.key);
      const standing = await readMessage(stores, ref.mailbox, ref.messageId);
      if (standing !== null) await settleMediaTag(stores, standing.value);
    }
  }
  return eraseAsSeen(region, 'media', info);
}

/** Under the form of the number that the recording was found by so far. */
async function noteMove(stores: TenantStores, moved: Metadata, from: RegionStore, now: string): Promise<void> {
  const { tenant, hashes } = stores;
  const { mailbox, messageId, time, region, media, callerId } = moved;
  const index = entryStore(stores, region);
  if (index === null || callerId === null) return;
  const form = formOfTag(stores, (await from.store.head(media.key))?.tags[CALLER_TAG], callerId);
  if (form === null) return;
  const key = callerIndexKey(tenant, hashes.current(tenant, form), mailbox, messageId);
  await carryEntry(index, key, { time, places: [{ region, key: media.key }], notedAt: now, keyId: hashes.keyId });
}

const NOTHING: Erasure = { removed: false, notErased: [] };
