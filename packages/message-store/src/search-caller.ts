import { callerIdForms, isStub, type MessageRecord, type Metadata } from '@voicemail/domain';
import { ahead } from '@voicemail/runtime';
import { entryOwner, isSamePlace, readEntry } from './caller-index.ts';
import { soughtHashes } from './caller-key.ts';
import { CALLER_TAG } from './caller-tags.ts';
import { readDeadLetterIn } from './dead-letters.ts';
import type { DeadLetterDocument, Place } from './documents.ts';
import { inBatches } from './in-batches.ts';
import type { Stored } from './json-document.ts';
import { callerPrefix, DEAD_LETTERS, deadLetterRecordKey, ownerOf } from './keys.ts';
import { readRecord } from './read-message.ts';
import { findRegion, type RegionStore, type TenantStores } from './tenant-stores.ts';

/** Candidates that are looked at at once. */
const SEARCH_CONCURRENCY = 16;

/** What a search finds of a caller: each message and each dead letter once. */
export type CallerHit = {
  /** A mailbox, or `dead-letters`. */
  readonly owner: string;
  /** A message id, or a dead letter's. */
  readonly id: string;
  /** Where its recordings lie, or the dead letter's bytes. A region that the tenant does not have any more cannot be asked: it is taken at its word. */
  readonly places: readonly Place[];
  /** RFC 3339; null for what a stopped attempt left where nothing tells it. */
  readonly time: string | null;
} & (
  | { readonly kind: 'message'; readonly message: Stored<Metadata> }
  /** Recordings that a stopped attempt left: `record` is null, a stub, or another caller's message of the same id. */
  | { readonly kind: 'leftover'; readonly record: Stored<MessageRecord> | null }
  /** null: half a letter, whose process died before it was described. */
  | { readonly kind: 'dead-letter'; readonly letter: DeadLetterDocument | null }
);

/** Where something of a caller is said to be, by an index entry or by tags. */
type Clue = Pick<CallerHit, 'owner' | 'id' | 'time' | 'places'>;

/** What a search is for. */
export interface SearchOptions {
  /**
   * false: messages and dead letters alone. Then the entry of a message need not be read, for its name says whose metadata is to be looked at: a
   * call of the store less for each message.
   */
  readonly leftovers?: boolean;
}

/** A caller as it is searched: every form of the number, and every keyed hash of each. */
interface Sought {
  readonly forms: ReadonlySet<string>;
  readonly hashes: ReadonlySet<string>;
}

/**
 * Everything of a caller in every region, under every form of the number and every key that is still searched: by its tags where a store
 * searches by them, by the index elsewhere. Each hit was looked at, for an entry tells where to look and not what is there. What it costs
 * follows the hits, not what is stored. What was written seconds ago may be missing where a store's tags lag.
 * @throws StoreError where a region is down: a part is not the whole.
 */
export function searchCaller(
  stores: TenantStores,
  callerId: string,
  options: SearchOptions = {},
): AsyncGenerator<CallerHit> {
  const { tenant, hashes, defaultCountry, formerDefaultCountries } = stores;
  const forms = callerIdForms(callerId, defaultCountry, formerDefaultCountries);
  const sought = { forms: new Set(forms), hashes: new Set(forms.flatMap((form) => hashes.all(tenant, form))) };
  return search(stores, sought, options);
}

/**
 * The same of a caller whose number nobody has any more, by its keyed hashes. A store that searches by tags has numbers in them, so what only such a
 * store knows of is not found.
 */
export const searchHashes = (stores: TenantStores, hashes: readonly string[]): AsyncGenerator<CallerHit> =>
  search(stores, { forms: new Set(), hashes: new Set(hashes) });

async function* search(
  stores: TenantStores,
  sought: Sought,
  { leftovers = true }: SearchOptions = {},
): AsyncGenerator<CallerHit> {
  const { regions } = stores;
  const clues = new Map<string, Clue>();
  const gather = async (region: RegionStore): Promise<void> => {
    const ask = region.store.capabilities.tagSearch ? cluesByTag : cluesByIndex;
    for await (const clue of ask(stores, region, sought, leftovers)) {
      const name = `${clue.owner}/${clue.id}`;
      clues.set(name, merged(clues.get(name), clue));
    }
  };
  await Promise.all(regions.map(gather));
  const lookAt = (clue: Clue): Promise<CallerHit | null> =>
    clue.owner === DEAD_LETTERS ? lookAtLetter(stores, clue) : lookAtMessage(stores, clue, sought);
  for await (const hit of ahead(clues.values(), SEARCH_CONCURRENCY, lookAt)) if (hit !== null) yield hit;
}

async function* cluesByTag(
  stores: TenantStores,
  region: RegionStore,
  { forms }: Sought,
  leftovers: boolean,
): AsyncGenerator<Clue> {
  const { tenant } = stores;
  for (const value of forms) {
    for await (const key of region.store.find(`${tenant}/`, { name: CALLER_TAG, value })) {
      const found = ownerOf(tenant, key);
      if (found === null) continue;
      const { owner, id, isMedia } = found;
      const bytes = owner === DEAD_LETTERS ? deadLetterRecordKey(tenant, id) : isMedia && leftovers ? key : null;
      yield { owner, id, time: null, places: bytes === null ? [] : [{ region: region.name, key: bytes }] };
    }
  }
}

async function* cluesByIndex(
  stores: TenantStores,
  { store }: RegionStore,
  { hashes }: Sought,
  leftovers: boolean,
): AsyncGenerator<Clue> {
  const clueOf = async (key: string): Promise<Clue | null> => {
    const named = entryOwner(key);
    const isNameEnough = !leftovers && named !== null && named.owner !== DEAD_LETTERS;
    return isNameEnough ? { ...named, time: null, places: [] } : readEntry(store, key);
  };
  for (const hash of hashes) {
    const keys = store.list(callerPrefix(stores.tenant, hash));
    for await (const clue of inBatches(keys, SEARCH_CONCURRENCY, ({ key }) => clueOf(key))) {
      if (clue !== null) yield clue;
    }
  }
}

function merged(known: Clue | undefined, clue: Clue): Clue {
  if (known === undefined) return clue;
  const fresh = clue.places.filter((place) => !known.places.some((other) => isSamePlace(place, other)));
  return { ...known, time: known.time ?? clue.time, places: [...known.places, ...fresh] };
}

/** null where nothing of the caller is there. */
async function lookAtMessage(stores: TenantStores, clue: Clue, sought: Sought): Promise<CallerHit | null> {
  const { owner, id } = clue;
  const record = await readRecord(stores, owner, id);
  const message = record === null || isStub(record.value) ? null : record.value;
  const media = message === null ? [] : [{ region: message.region, key: message.media.key }];
  const others = clue.places.filter((place) => !media.some((own) => isSamePlace(own, place)));
  const left = await present(others, (place) => holdsRecording(stores, place, sought));
  if (record !== null && message !== null && isOf(stores, message, sought)) {
    const stored = { value: message, etag: record.etag };
    return { kind: 'message', owner, id, time: message.time, places: [...media, ...left], message: stored };
  }
  return left.length === 0 ? null : { kind: 'leftover', owner, id, time: clue.time, places: left, record };
}

/** null where nothing of the letter is there. */
async function lookAtLetter(stores: TenantStores, clue: Clue): Promise<CallerHit | null> {
  const { owner, id } = clue;
  const letters: DeadLetterDocument[] = [];
  const places = await present(clue.places, async ({ region, key }) => {
    const store = findRegion(stores, region)?.store;
    if (store === undefined) return true;
    const document = await readDeadLetterIn(store, stores.tenant, id);
    if (document !== null) letters.push(document);
    return document !== null || (await store.head(key)) !== null;
  });
  if (places.length === 0) return null;
  const [letter = null] = letters;
  // Tags tell no time.
  return { kind: 'dead-letter', owner, id, time: letter?.time ?? clue.time, places, letter };
}

async function present(places: readonly Place[], isThere: (place: Place) => Promise<boolean>): Promise<Place[]> {
  const found = await Promise.all(places.map(isThere));
  return places.filter((_place, index) => found[index] === true);
}

/** Whether a recording of the caller lies there, and not another's whose deposit had the same id. */
async function holdsRecording(stores: TenantStores, { region, key }: Place, sought: Sought): Promise<boolean> {
  const store = findRegion(stores, region)?.store;
  if (store === undefined) return true;
  const tag = (await store.head(key))?.tags[CALLER_TAG];
  return tag !== undefined && (sought.forms.has(tag) || sought.hashes.has(tag));
}

const isOf = (stores: TenantStores, { callerId }: Metadata, { hashes }: Sought): boolean =>
  soughtHashes(stores, callerId).some((hash) => hashes.has(hash));
