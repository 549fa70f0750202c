import { isMarked, isStub, type MessageRecord, type Metadata } from '@voicemail/domain';
import { ForAPerson } from '../for-a-person.ts';
import { compareKeys, type ListedObject, type ObjectStore, type Tags } from '@voicemail/object-store';
import { entryStore, readEntry } from '../caller-index.ts';
import { CALLER_TAG } from '../caller-tags.ts';
import { carriedMessageTags, formOfTag } from '../carried-tags.ts';
import { carryEntry } from '../carry-entry.ts';
import { messageRecord } from '../documents.ts';
import { erase, type NotErased } from '../erase.ts';
import { inBatches } from '../in-batches.ts';
import { parseDocument } from '../json-document.ts';
import { callerIndexKey, markKey } from '../keys.ts';
import { noteMark } from '../mark-index.ts';
import { kindOf, type ObjectKind } from '../object-kind.ts';
import { readDocument, type Document } from '../read-document.ts';
import { placeDocument } from './place-document.ts';
import type { Route } from './move-message.ts';
import type { TenantStores } from '../tenant-stores.ts';

/** Documents that are compared or brought at once. */
const DOCUMENT_CONCURRENCY = 32;

/** What became of one object. */
export interface Brought {
  /** false: it lies in the target alone. */
  readonly isSource: boolean;
  /** false: it is none of the documents, such as a recording. */
  readonly isCompared: boolean;
  /** false: it was there already, as it is. */
  readonly changed: boolean;
  readonly notErased: readonly NotErased[];
}

/**
 * Makes the target hold what the master region holds but recordings and dead letters: each document is there afterwards byte for byte, with
 * the tags and the index entries that the target needs, and nothing that the source lacks. Only while nobody writes. May be repeated.
 * @param after the tenant as it is to be, with the target as its master.
 * @param now RFC 3339.
 */
export function copyDocuments(after: TenantStores, route: Route, now: string): AsyncGenerator<Brought> {
  const { tenant } = after;
  const pairs = sideBySide(route.from.store, route.to.store, `${tenant}/`);
  return inBatches(pairs, DOCUMENT_CONCURRENCY, async (pair) => {
    const kind = kindOf(tenant, pair.key);
    const { isSource } = pair;
    return { isSource, isCompared: isSource && !STAY.has(kind), ...(await bring(after, route, kind, pair, now)) };
  });
}

/** What lies where it belongs, or was brought before. */
const STAY: ReadonlySet<ObjectKind> = new Set(['media', 'dead letter', 'master mark', 'probe']);

/** A key, and where there is an object under it. */
interface Pair {
  readonly key: string;
  readonly isSource: boolean;
  readonly isTarget: boolean;
}

async function bring(
  after: TenantStores,
  { from, to }: Route,
  kind: ObjectKind,
  { key, isSource, isTarget }: Pair,
  now: string,
): Promise<Pick<Brought, 'changed' | 'notErased'>> {
  const staysAsItIs = { changed: false, notErased: [] };
  if (STAY.has(kind)) return staysAsItIs;
  if (kind === 'caller entry') {
    // What only the target has is of recordings that lie there, or goes with the next sweep.
    return isSource ? { changed: await bringEntry(after, from.store, key), notErased: [] } : staysAsItIs;
  }
  // From a source that searches by tags they come with the metadata.
  if (kind === 'mark entry' && !isSource && from.store.capabilities.tagSearch) return staysAsItIs;
  const isWanted = isSource && !(kind === 'mark entry' && to.store.capabilities.tagSearch);
  if (!isWanted) {
    if (!isTarget) return staysAsItIs;
    const { removed, notErased } = await erase(to, kind === 'mark entry' ? 'index entry' : 'metadata', key);
    return { changed: removed, notErased };
  }
  const document = await readDocument(from.store, key);
  if (document === null) return staysAsItIs;
  const record = kind === 'metadata' ? parseDocument(key, document.bytes, messageRecord) : null;
  if (record !== null && !isStub(record)) await noteMessage(after, from.store, record, document.tags, now);
  const tags = tagsIn(after, { from, to }, record, document);
  return { changed: await placeDocument(to.store, key, { ...document, tags }, isTarget), notErased: [] };
}

/** An entry goes to whichever stores are to have it for the places that it names. */
async function bringEntry(after: TenantStores, source: ObjectStore, key: string): Promise<boolean> {
  const entry = await readEntry(source, key);
  if (entry === null) return false;
  const { key: _key, etag: _etag, owner: _owner, id: _id, ...content } = entry;
  const { places } = content;
  let changed = false;
  const indexes = new Set(places.map(({ region }) => entryStore(after, region)));
  for (const index of indexes) {
    if (index === null || index === source) continue;
    const here = places.filter(({ region }) => entryStore(after, region) === index);
    if (await carryEntry(index, key, { ...content, places: here })) changed = true;
  }
  return changed;
}

/** What the target needs to find a message by that the source finds by its tags. */
async function noteMessage(
  after: TenantStores,
  source: ObjectStore,
  message: Metadata,
  tags: Tags,
  now: string,
): Promise<void> {
  const { mailbox, messageId, region, media, time } = message;
  const form = formOfTag(after, tags[CALLER_TAG], message.callerId);
  const index = entryStore(after, region);
  if (form !== null && index !== null) {
    const key = callerIndexKey(after.tenant, after.hashes.current(after.tenant, form), mailbox, messageId);
    await carryEntry(index, key, {
      time,
      places: [{ region, key: media.key }],
      notedAt: now,
      keyId: after.hashes.keyId,
    });
  }
  if (!isMarked(message) || !source.capabilities.tagSearch || after.master.store.capabilities.tagSearch) return;
  const isNoted = (await after.master.store.head(markKey(after.tenant, mailbox, messageId))) !== null;
  if (!isNoted) await noteMark(after, message, message.forgetRequestIds?.[0] ?? '', now);
}

function tagsIn(after: TenantStores, { from, to }: Route, record: MessageRecord | null, { tags }: Document): Tags {
  if (record !== null) return isStub(record) ? {} : carriedMessageTags(after, to.store, tags, record);
  const isSameKind = from.store.capabilities.tagSearch === to.store.capabilities.tagSearch;
  if (isSameKind || tags[CALLER_TAG] === undefined) return tags;
  throw new ForAPerson('a document carries the tag of a caller whom nothing in it tells');
}

/** The objects of two stores below a prefix, key by key. */
async function* sideBySide(source: ObjectStore, target: ObjectStore, prefix: string): AsyncGenerator<Pair> {
  const listings = [source, target].map((store) => store.list(prefix)[Symbol.asyncIterator]());
  const [left, right] = listings as [AsyncIterator<ListedObject>, AsyncIterator<ListedObject>];
  try {
    let [a, b] = await Promise.all([left.next(), right.next()]);
    while (a.done !== true || b.done !== true) {
      const order = a.done === true ? 1 : b.done === true ? -1 : compareKeys(a.value.key, b.value.key);
      const { key } = order <= 0 ? a.value : b.value;
      const isIn = { isSource: order <= 0, isTarget: order >= 0 };
      if (isIn.isSource) a = await left.next();
      if (isIn.isTarget) b = await right.next();
      yield { key, ...isIn };
    }
  } finally {
    await Promise.all(listings.map(async (listing) => listing.return?.()));
  }
}
