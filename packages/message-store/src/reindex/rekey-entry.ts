import { isStub, isSwept } from '@voicemail/domain';
import { isSamePlace, readEntry, type IndexEntry } from '../caller-index.ts';
import { matchingForm } from '../carried-tags.ts';
import { carryEntry } from '../carry-entry.ts';
import { readDeadLetterIn } from '../dead-letters.ts';
import { removeRecordings } from '../delete-message.ts';
import { eraseAsSeen, type Erasure } from '../erase.ts';
import { won, writeJson } from '../json-document.ts';
import { callerIndexKey, DEAD_LETTERS } from '../keys.ts';
import { readRecord } from '../read-message.ts';
import { settleRecording } from '../storage-copy/move-message.ts';
import { findRegion, type RegionStore, type TenantStores } from '../tenant-stores.ts';

/** What became of an index entry. */
export interface Rekeyed extends Erasure {
  /** Something of it was written. */
  readonly written: boolean;
  /** It stays: a deposit may still come for what it names. */
  readonly isWaiting: boolean;
}

/**
 * Brings an index entry of a message under the current key: its twin first, then the old one goes. The caller is the message's. Where there
 * is none that fits, no deposit is under way under an old key, for whoever notes a caller does it under the current one: so what the entry
 * names belongs to nobody and is removed before it, but for the recording of a deposit that was not completed.
 */
export async function rekeyEntry(stores: TenantStores, index: RegionStore, key: string): Promise<Rekeyed> {
  const { tenant, hashes } = stores;
  const entry = await readEntry(index.store, key);
  if (entry === null || entry.keyId === hashes.keyId) return UNTOUCHED;
  if (entry.owner === DEAD_LETTERS) return dropLetterEntry(stores, index, entry);
  const ref = { mailbox: entry.owner, messageId: entry.id };
  const record = (await readRecord(stores, entry.owner, entry.id))?.value;
  if (record === undefined || isSwept(record)) {
    return (await namesSomething(stores, entry)) ? { ...UNTOUCHED, isWaiting: true } : erase(index, entry);
  }
  if (isStub(record)) {
    const { notErased } = await removeRecordings(stores, stores.regions, ref);
    return erase(index, entry, notErased);
  }
  const form = matchingForm(stores, hashIn(key), record.callerId);
  if (form === null) {
    const kept: Erasure['notErased'][number][] = [];
    for (const place of entry.places) {
      const region = findRegion(stores, place.region);
      if (region === null || isSamePlace(place, { region: record.region, key: record.media.key })) continue;
      kept.push(...(await settleRecording(stores, ref, region, place.key)).notErased);
    }
    return erase(index, entry, kept);
  }
  const { key: _key, etag, owner, id, ...content } = entry;
  const twin = { ...content, keyId: hashes.keyId };
  const twinKey = callerIndexKey(tenant, hashes.current(tenant, form), owner, id);
  if (twinKey === key) return { ...UNTOUCHED, written: await won(writeJson(index.store, key, twin, { etag })) };
  const written = await carryEntry(index.store, twinKey, twin);
  return { ...(await erase(index, entry)), written };
}

/** A dead letter's own entry goes with its letter (`rekeyLetter`); here goes what a stopped attempt at that, or at its removal, left. */
async function dropLetterEntry(stores: TenantStores, index: RegionStore, entry: IndexEntry): Promise<Rekeyed> {
  const letter = await readDeadLetterIn(index.store, stores.tenant, entry.id);
  if (letter !== null) return letter.callerHash === hashIn(entry.key) ? UNTOUCHED : erase(index, entry);
  return (await namesSomething(stores, entry)) ? { ...UNTOUCHED, isWaiting: true } : erase(index, entry);
}

const hashIn = (key: string): string => key.split('/').at(-3) ?? '';

async function namesSomething(stores: TenantStores, { places }: IndexEntry): Promise<boolean> {
  for (const { region, key } of places) {
    const found = findRegion(stores, region);
    if (found === null || (await found.store.head(key)) !== null) return true;
  }
  return false;
}

async function erase(index: RegionStore, entry: IndexEntry, kept: Erasure['notErased'] = []): Promise<Rekeyed> {
  const { removed, notErased } = await eraseAsSeen(index, 'index entry', entry);
  return { removed, notErased: [...kept, ...notErased], written: false, isWaiting: false };
}

const UNTOUCHED: Rekeyed = { removed: false, notErased: [], written: false, isWaiting: false };
