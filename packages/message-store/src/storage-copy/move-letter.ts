import type { ObjectStore } from '@voicemail/object-store';
import { letterEntryStore, noteCaller, readEntry } from '../caller-index.ts';
import { CALLER_TAG, callerHash } from '../caller-tags.ts';
import { carriedTags } from '../carried-tags.ts';
import { readDeadLetterIn, removeDeadLetter } from '../dead-letters.ts';
import type { DeadLetterDocument } from '../documents.ts';
import { eraseAsSeen, type NotErased } from '../erase.ts';
import { DEAD_LETTERS, deadLetterKey, deadLetterRecordKey, deadLettersPrefix } from '../keys.ts';
import { callerOfLetter } from '../letter-caller.ts';
import { entriesIn } from './tidy-index.ts';
import { placeDocument, readDocument, type Document } from './place-document.ts';
import type { Route } from './move-message.ts';
import { RecordingStays } from './copy-recording.ts';
import type { TenantStores } from '../tenant-stores.ts';

/** The ids of the dead letters that a region keeps. */
export function lettersIn({ tenant }: TenantStores, store: ObjectStore): AsyncIterable<string> {
  return store.folders(deadLettersPrefix(tenant));
}

/**
 * Brings a dead letter to another region: the entry, the record, its description, then the source goes. Only while no service runs: a letter
 * that is replayed or expires meanwhile would be there again.
 * @param now RFC 3339.
 * @returns what the source keeps of it; null where it stays, being half a letter that its process comes back for, or a sweep.
 * @throws RecordingStays, StoreError.
 */
export async function moveLetter(
  stores: TenantStores,
  id: string,
  { from, to }: Route,
  now: string,
): Promise<readonly NotErased[] | null> {
  const { tenant } = stores;
  const [recordKey, key] = [deadLetterRecordKey(tenant, id), deadLetterKey(tenant, id)];
  const letter = await readDeadLetterIn(from.store, tenant, id);
  const description = await readDocument(from.store, key);
  if (letter === null || description === null) return null;
  const record = await readDocument(from.store, recordKey);
  if (record !== null) {
    const callerId = callerOf(letter, record) ?? null;
    const index = letterEntryStore(to.store);
    const place = { region: to.name, key: recordKey };
    await noteCaller(stores, index, callerId, { owner: DEAD_LETTERS, id, time: letter.takenAt, place }, now);
    const tagsOf = ({ tags }: Document) => carriedTags(stores, to.store, tags, callerId);
    await placeDocument(to.store, recordKey, { ...record, tags: tagsOf(record) });
    const moved = { ...letter, region: to.name, callerHash: index === null ? null : callerHash(stores, callerId) };
    const bytes = Buffer.from(JSON.stringify(moved));
    await placeDocument(to.store, key, { ...description, bytes, tags: tagsOf(description) });
  } else if ((await to.store.head(key)) === null) {
    throw new RecordingStays('the record of the dead letter is gone');
  }
  return removeDeadLetter({ tenant: stores, deployment: from.store }, letter);
}

/** Erases the entries of dead letters that are not in the source any more: a removal takes them last, and may have stopped before. */
export async function* removeLetterEntries(
  stores: TenantStores,
  { from }: Route,
): AsyncGenerator<readonly NotErased[]> {
  for await (const key of entriesIn(stores, from)) {
    const entry = key.split('/').at(-2) === DEAD_LETTERS ? await readEntry(from.store, key) : null;
    if (entry === null) continue;
    const keys = [deadLetterKey(stores.tenant, entry.id), deadLetterRecordKey(stores.tenant, entry.id)];
    const infos = await Promise.all(keys.map((at) => from.store.head(at)));
    if (infos.every((info) => info === null)) yield (await eraseAsSeen(from, 'index entry', entry)).notErased;
  }
}

/** @throws RecordingStays where the letter is under a caller's tag and the record does not tell the caller any more. */
function callerOf(letter: DeadLetterDocument, record: Document): string | null | undefined {
  const callerId = callerOfLetter(letter, letter.hasValue ? record.bytes : null);
  if (typeof callerId === 'string' || record.tags[CALLER_TAG] === undefined) return callerId;
  throw new RecordingStays('the caller of the dead letter cannot be read from its record');
}
