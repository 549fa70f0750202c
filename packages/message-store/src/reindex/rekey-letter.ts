import type { ObjectStore } from '@voicemail/object-store';
import { readEntry } from '../caller-index.ts';
import { carriedTags, haveSameTags, matchingForm } from '../carried-tags.ts';
import { carryEntry } from '../carry-entry.ts';
import { readDeadLetterIn } from '../dead-letters.ts';
import { deadLetterDocument } from '../documents.ts';
import { ForAPerson } from '../for-a-person.ts';
import { erase, eraseAsSeen, type Erasure } from '../erase.ts';
import { answerOf, parseDocument, untilWon } from '../json-document.ts';
import { callerIndexKey, DEAD_LETTERS, deadLetterKey, deadLetterRecordKey } from '../keys.ts';
import { mustTellCaller } from '../letter-caller.ts';
import { readDocument } from '../read-document.ts';
import type { RegionStore, TenantStores } from '../tenant-stores.ts';

/** What was done to a dead letter. */
export interface RekeyedLetter extends Erasure {
  readonly changed: boolean;
}

/**
 * Brings a dead letter under the current key: the entry's twin, the record's tag, the hash and the tag of its description, then the old entry
 * goes. A letter that is removed meanwhile stays removed, and its twin goes too.
 * @param now RFC 3339.
 * @throws ForAPerson where its record does not tell the caller any more.
 */
export async function rekeyLetter(
  stores: TenantStores,
  region: RegionStore,
  id: string,
  now: string,
): Promise<RekeyedLetter> {
  const { tenant, hashes } = stores;
  const { store } = region;
  const letter = await readDeadLetterIn(store, tenant, id);
  const record = await readDocument(store, deadLetterRecordKey(tenant, id));
  if (letter === null || record === null || letter.callerHash === null) return UNTOUCHED;
  const callerId = mustTellCaller(letter, record);
  const form = matchingForm(stores, letter.callerHash, callerId);
  if (form === null) throw new ForAPerson('the caller of the dead letter is not the one that it is kept under');
  const current = hashes.current(tenant, form);
  const tags = carriedTags(stores, store, record.tags, callerId);
  const isTagged = haveSameTags(record.tags, tags);
  if (isTagged && letter.callerHash === current) return UNTOUCHED;
  const twin = callerIndexKey(tenant, current, DEAD_LETTERS, id);
  const places = [{ region: region.name, key: letter.storedAt }];
  await carryEntry(store, twin, { time: letter.time, places, notedAt: now, keyId: hashes.keyId });
  if (!isTagged) await store.tag(letter.storedAt, tags, { order: 'touch-first' });
  if (!(await describeAnew(stores, store, id, current, callerId))) return dropTwin(stores, region, id, twin);
  if (letter.callerHash === current) return { ...UNTOUCHED, changed: true };
  const old = callerIndexKey(tenant, letter.callerHash, DEAD_LETTERS, id);
  return { ...(await erase(region, 'index entry', old)), changed: true };
}

/** @returns false where the letter is gone. */
function describeAnew(
  stores: TenantStores,
  store: ObjectStore,
  id: string,
  callerHash: string,
  callerId: string | null,
): Promise<boolean> {
  const key = deadLetterKey(stores.tenant, id);
  return untilWon<{ isThere: boolean }>(key, async () => {
    const document = await readDocument(store, key);
    if (document === null || (await readDeadLetterIn(store, stores.tenant, id)) === null) return { isThere: false };
    const { contentType, etag } = document;
    const letter = { ...parseDocument(key, document.bytes, deadLetterDocument), callerHash };
    const tags = carriedTags(stores, store, document.tags, callerId);
    const put = store.put(key, Buffer.from(JSON.stringify(letter)), { contentType, tags, condition: { etag } });
    return (await answerOf(put)) === null ? undefined : { isThere: true };
  }).then(({ isThere }) => isThere);
}

/** Takes the twin of a letter that was removed meanwhile away again. */
async function dropTwin(stores: TenantStores, region: RegionStore, id: string, twin: string): Promise<RekeyedLetter> {
  const entry = await readEntry(region.store, twin);
  const isGone = (await region.store.head(deadLetterRecordKey(stores.tenant, id))) === null;
  if (entry === null || !isGone) return UNTOUCHED;
  return { ...(await eraseAsSeen(region, 'index entry', entry)), changed: false };
}

const UNTOUCHED: RekeyedLetter = { changed: false, removed: false, notErased: [] };
