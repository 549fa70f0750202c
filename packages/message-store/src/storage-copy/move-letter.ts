import { ForAPerson } from '../for-a-person.ts';
import { letterEntryStore, noteCaller, readEntry } from '../caller-index.ts';
import { callerHash } from '../caller-tags.ts';
import { carriedTags } from '../carried-tags.ts';
import { readDeadLetterIn, removeDeadLetter } from '../dead-letters.ts';
import { eraseAsSeen, type NotErased } from '../erase.ts';
import { DEAD_LETTERS, deadLetterKey, deadLetterRecordKey } from '../keys.ts';
import { mustTellCaller } from '../letter-caller.ts';
import { readDocument, type Document } from '../read-document.ts';
import { placeDocument } from './place-document.ts';
import type { Route } from './move-message.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { entriesIn } from '../walks.ts';

/**
 * Brings a dead letter to another region: the entry, the record, its description, then the source goes. Only while no service runs: a letter
 * that is replayed or expires meanwhile would be there again.
 * @param now RFC 3339.
 * @returns what the source keeps of it; null where it stays, being half a letter that its process comes back for, or a sweep.
 * @throws ForAPerson, StoreError.
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
    const callerId = mustTellCaller(letter, record);
    const index = letterEntryStore(to.store);
    const place = { region: to.name, key: recordKey };
    await noteCaller(stores, index, callerId, { owner: DEAD_LETTERS, id, time: letter.time, place }, now);
    const tagsOf = ({ tags }: Document) => carriedTags(stores, to.store, tags, callerId);
    await placeDocument(to.store, recordKey, { ...record, tags: tagsOf(record) });
    const moved = { ...letter, region: to.name, callerHash: index === null ? null : callerHash(stores, callerId) };
    const bytes = Buffer.from(JSON.stringify(moved));
    await placeDocument(to.store, key, { ...description, bytes, tags: tagsOf(description) });
  } else if ((await to.store.head(key)) === null) {
    throw new ForAPerson('the record of the dead letter is gone');
  }
  return removeDeadLetter({ tenant: stores, deployment: from.store }, letter);
}

/** Erases the entries of dead letters that are not in the source any more: a removal takes them last, and may have stopped before. */
export async function* removeLetterEntries(
  stores: TenantStores,
  { from }: Route,
  signal: AbortSignal,
): AsyncGenerator<readonly NotErased[]> {
  for await (const key of entriesIn(stores, from.store, signal)) {
    const entry = key.split('/').at(-2) === DEAD_LETTERS ? await readEntry(from.store, key) : null;
    if (entry === null) continue;
    const keys = [deadLetterKey(stores.tenant, entry.id), deadLetterRecordKey(stores.tenant, entry.id)];
    const infos = await Promise.all(keys.map((at) => from.store.head(at)));
    if (infos.every((info) => info === null)) yield (await eraseAsSeen(from, 'index entry', entry)).notErased;
  }
}
