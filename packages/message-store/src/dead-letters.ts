import { createHash } from 'node:crypto';
import { earlier } from '@voicemail/domain';
import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { letterEntryStore, noteCaller } from './caller-index.ts';
import { callerHash, callerTags } from './caller-tags.ts';
import { isClaim, letterOrClaim, type DeadLetterDocument } from './documents.ts';
import { erase, type NotErased } from './erase.ts';
import { createJson, readJson, untilWon, won, writeJson } from './json-document.ts';
import { callerIndexKey, DEAD_LETTERS, deadLetterKey, deadLetterRecordKey, deadLettersPrefix } from './keys.ts';
import { putAnew } from './put-anew.ts';
import { regionOf, type RegionStore, type TenantStores } from './tenant-stores.ts';

const HOUR_MS = 3_600_000;
/** How long a rejected record is kept: 25 days, or 24 h where a search for its caller would not find it (CONTRACT section 3). */
const KEPT_MS = 25 * 24 * HOUR_MS;
const KEPT_UNREAD_MS = 24 * HOUR_MS;

/** A rejected record with what is known about it. */
export interface RejectedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  /** ms since the epoch: when the log took it first. */
  readonly takenAtMs: number;
  /** RFC 3339: when a deposit was left, as its publisher says; null or absent where that could not be read, or it is none. */
  readonly depositedAt?: string | null;
  readonly reason: string;
  /** Says what is wrong, without personal data. */
  readonly detail: string;
  /** The staged object that it names, if it does. */
  readonly stagedKey: string | null;
  /** null: it names no caller. undefined: whether it does could not be read. */
  readonly callerId: string | null | undefined;
}

/** Where dead letters are kept: a tenant's regions, or the deployment's own store for what names no known tenant. */
export interface DeadLetterHome {
  readonly tenant: TenantStores | null;
  readonly deployment: ObjectStore;
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

/** A name that the same record gets again, and another one does not, even from a log that was made anew. */
export function deadLetterId({ topic, partition, offset, key, headers, value }: RejectedRecord): string {
  // What its way through the log added is no part of the record: it differs from one attempt to the next.
  const own = Object.entries(headers).filter(([name]) => !name.startsWith('voicemail-'));
  const digest = createHash('sha256')
    .update(JSON.stringify([key, Object.fromEntries(own.toSorted(byName)), value === null]))
    .update(value ?? '')
    .digest('hex')
    .slice(0, 12);
  return `${topic}-${partition}-${offset}-${digest}`;
}

/**
 * Keeps a rejected record, in the master region or, where that is down, in any region that is up. May be repeated.
 * @throws StoreError of the master region when no region takes it.
 */
export async function keepDeadLetter(
  home: DeadLetterHome,
  record: RejectedRecord,
  nowMs: number,
): Promise<DeadLetterDocument> {
  if (home.tenant === null) return keepIn(null, null, home.deployment, record, nowMs);
  const failures: unknown[] = [];
  for (const region of home.tenant.regions) {
    try {
      return await keepIn(home.tenant, region.name, region.store, record, nowMs);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      failures.push(error);
    }
  }
  throw failures[0];
}

/** A rejected deposit's time is that of the message which it would have been (CONTRACT section 1). @returns RFC 3339. */
export function timeOf({ takenAtMs, depositedAt = null }: Pick<RejectedRecord, 'takenAtMs' | 'depositedAt'>): string {
  const takenAt = new Date(takenAtMs).toISOString();
  return depositedAt === null ? takenAt : earlier(depositedAt, takenAt);
}

async function keepIn(
  tenant: TenantStores | null,
  region: string | null,
  store: ObjectStore,
  record: RejectedRecord,
  nowMs: number,
): Promise<DeadLetterDocument> {
  const id = deadLetterId(record);
  const name = tenant?.tenant ?? null;
  const storedAt = deadLetterRecordKey(name, id);
  const callerId = record.callerId ?? null;
  const takenAt = new Date(record.takenAtMs).toISOString();
  const time = timeOf(record);
  const at = new Date(nowMs).toISOString();
  const index = letterEntryStore(store);
  if (tenant !== null && region !== null) {
    const what = { owner: DEAD_LETTERS, id, time, place: { region, key: storedAt } };
    await noteCaller(tenant, index, callerId, what, at);
  }
  const tags = tenant === null ? {} : callerTags(tenant, store, callerId);
  const contentType = 'application/octet-stream';
  const bytes = record.value ?? new Uint8Array();
  await won(store.put(storedAt, bytes, { contentType, tags, condition: { absent: true } }));
  const document: DeadLetterDocument = {
    id,
    tenant: name,
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: record.key,
    headers: { ...record.headers },
    hasValue: record.value !== null,
    reason: record.reason,
    detail: record.detail,
    at,
    takenAt,
    time,
    expiresAt: new Date(
      nowMs + (tenant === null || record.callerId === undefined ? KEPT_UNREAD_MS : KEPT_MS),
    ).toISOString(),
    region,
    storedAt,
    callerHash: tenant === null || index === null ? null : callerHash(tenant, callerId),
    stagedKey: record.stagedKey,
  };
  const key = deadLetterKey(name, id);
  return untilWon(key, async () => {
    if (await createJson(store, key, document, tags)) return document;
    const stored = await readJson(store, key, letterOrClaim);
    if (stored === null) return undefined;
    if (!isClaim(stored.value)) return stored.value;
    await putAnew(store, storedAt, { contentType, tags, open: async () => bytes }, stored.value.claimedEtag);
    return (await won(writeJson(store, key, document, { etag: stored.etag }, tags))) ? document : undefined;
  });
}

/** Every dead letter of a home, in no order that means anything. @throws StoreError where a region is down: a part is not the whole. */
export async function* listDeadLetters(home: DeadLetterHome): AsyncGenerator<DeadLetterDocument> {
  const name = home.tenant?.tenant ?? null;
  for (const { store } of regionsOf(home)) {
    for await (const id of store.folders(deadLettersPrefix(name))) {
      const document = await readDeadLetterIn(store, name, id);
      if (document !== null) yield document;
    }
  }
}

/** A dead letter by its id; null where there is none. */
export async function readDeadLetter(home: DeadLetterHome, id: string): Promise<DeadLetterDocument | null> {
  for (const { store } of regionsOf(home)) {
    const document = await readDeadLetterIn(store, home.tenant?.tenant ?? null, id);
    if (document !== null) return document;
  }
  return null;
}

/** The rejected record's bytes, null for a tombstone. @throws StoreError `not-found`. */
export async function readRejected(home: DeadLetterHome, letter: DeadLetterDocument): Promise<Uint8Array | null> {
  if (!letter.hasValue) return null;
  const reader = await regionOfLetter(home, letter).store.get(letter.storedAt);
  if (reader === null)
    throw new StoreError('not-found', 'get', letter.storedAt, 'the record of the dead letter is gone');
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Removes a dead letter: the record first, the index entry last, so that a stopped attempt leaves what a search still finds.
 * @returns what the store keeps of it all the same.
 */
export async function removeDeadLetter(
  home: DeadLetterHome,
  letter: DeadLetterDocument,
): Promise<readonly NotErased[]> {
  const region = regionOfLetter(home, letter);
  const ofRecord = await erase(region, 'dead letter', letter.storedAt);
  const ofDocument = await erase(region, 'dead letter', deadLetterKey(letter.tenant, letter.id));
  const notErased = [...ofRecord.notErased, ...ofDocument.notErased];
  if (letter.tenant === null || letter.callerHash === null) return notErased;
  const entry = callerIndexKey(letter.tenant, letter.callerHash, DEAD_LETTERS, letter.id);
  return [...notErased, ...(await erase(region, 'index entry', entry)).notErased];
}

/**
 * Removes the index entries of a dead letter that is gone: an attempt to remove it may have stopped before them. May be repeated.
 * @param hashes of the callers that it may be of. @returns what the stores keep all the same.
 */
export async function removeLetterEntries(
  stores: TenantStores,
  id: string,
  hashes: readonly string[],
): Promise<readonly NotErased[]> {
  const notErased: NotErased[] = [];
  for (const region of stores.regions) {
    if (letterEntryStore(region.store) === null) continue;
    for (const hash of hashes) {
      const entry = callerIndexKey(stores.tenant, hash, DEAD_LETTERS, id);
      notErased.push(...(await erase(region, 'index entry', entry)).notErased);
    }
  }
  return notErased;
}

/** The stores that keep a home's letters. */
export const regionsOf = (home: DeadLetterHome): readonly RegionStore[] => home.tenant?.regions ?? [deploymentOf(home)];

const deploymentOf = ({ deployment }: DeadLetterHome): RegionStore => ({ name: 'deployment', store: deployment });

const regionOfLetter = (home: DeadLetterHome, { region }: DeadLetterDocument): RegionStore =>
  home.tenant === null || region === null ? deploymentOf(home) : regionOf(home.tenant, region);

/** What describes a letter in one store; null also where there is but half of it. */
export async function readDeadLetterIn(
  store: ObjectStore,
  tenant: string | null,
  id: string,
): Promise<DeadLetterDocument | null> {
  const stored = await readJson(store, deadLetterKey(tenant, id), letterOrClaim);
  return stored === null || isClaim(stored.value) ? null : stored.value;
}
