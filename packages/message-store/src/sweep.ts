import { isExpired, isStub, type Metadata, type Stub } from '@voicemail/domain';
import { listDeadLetters, removeDeadLetter, type DeadLetterHome } from './dead-letters.ts';
import { readHit } from './caller-index.ts';
import { createJson, won } from './json-document.ts';
import {
  callerIndexPrefix,
  mailboxesPrefix,
  messagePrefix,
  messagesPrefix,
  metadataKey,
  stagingPrefix,
} from './keys.ts';
import { listMailboxes, listMessages, readRecord } from './read-message.ts';
import { deleteMessage, removeRecordings } from './change-message.ts';
import { readMailbox } from './mailbox-settings.ts';
import type { RegionStore, TenantStores } from './tenant-stores.ts';

const DAY_MS = 86_400_000;
/** A recording without metadata, or a staged object, is left alone this long: whoever writes it may still come back. */
const ORPHAN_AGE_MS = 7 * DAY_MS;
/** How long a stub keeps a replayed deposit away (CONTRACT section 4). */
const STUB_AGE_MS = 35 * DAY_MS;

/** Deletes what its mailbox's `retentionDays` say is over. Yields each stub, to be announced. Rejects when `signal` aborts. */
export async function* sweepExpired(stores: TenantStores, nowMs: number, signal: AbortSignal): AsyncGenerator<Stub> {
  for await (const mailbox of listMailboxes(stores)) {
    signal.throwIfAborted();
    const retentionDays = (await readMailbox(stores, mailbox))?.settings?.retentionDays;
    if (retentionDays === undefined) continue;
    for await (const message of listMessages(stores, mailbox)) {
      if (isExpired(message, retentionDays, nowMs)) yield* deleteExpired(stores, message, nowMs);
    }
  }
}

async function* deleteExpired(stores: TenantStores, message: Metadata, nowMs: number): AsyncGenerator<Stub> {
  const now = new Date(nowMs).toISOString();
  const outcome = await deleteMessage(stores, message.mailbox, message.messageId, 'retention', now);
  if (outcome !== null && isStub(outcome.record)) yield outcome.record;
}

/** Removes dead letters whose time is over. Returns how many. */
export async function sweepDeadLetters(home: DeadLetterHome, nowMs: number, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for await (const letter of listDeadLetters(home)) {
    signal.throwIfAborted();
    if (Date.parse(letter.expiresAt) > nowMs) continue;
    await removeDeadLetter(home, letter);
    removed += 1;
  }
  return removed;
}

/** What a sweep of leftovers took away, by kind. */
export interface Leftovers {
  orphans: number;
  staged: number;
  stubs: number;
  indexEntries: number;
}

/**
 * Removes what nobody comes back for: recordings without metadata, staged objects, old stubs, and index entries of nothing.
 * Walks every message folder: run it seldom. Rejects when `signal` aborts.
 */
export async function sweepLeftovers(stores: TenantStores, nowMs: number, signal: AbortSignal): Promise<Leftovers> {
  const swept: Leftovers = { orphans: 0, staged: 0, stubs: 0, indexEntries: 0 };
  for (const region of stores.regions) {
    await sweepStaged(stores, region, nowMs, swept);
    for await (const mailbox of region.store.folders(mailboxesPrefix(stores.tenant))) {
      for await (const messageId of region.store.folders(messagesPrefix(stores.tenant, mailbox))) {
        signal.throwIfAborted();
        await sweepMessage(stores, region, { mailbox, messageId }, nowMs, swept);
      }
    }
    await sweepIndex(stores, region, nowMs, swept);
  }
  return swept;
}

async function sweepStaged(stores: TenantStores, region: RegionStore, nowMs: number, swept: Leftovers): Promise<void> {
  for await (const { key, lastModified } of region.store.list(stagingPrefix(stores.tenant))) {
    if (nowMs - lastModified < ORPHAN_AGE_MS) continue;
    if (await region.store.delete(key)) swept.staged += 1;
  }
}

interface MessageRef {
  readonly mailbox: string;
  readonly messageId: string;
}

async function sweepMessage(
  stores: TenantStores,
  region: RegionStore,
  ref: MessageRef,
  nowMs: number,
  swept: Leftovers,
): Promise<void> {
  const stored = await readRecord(stores, ref.mailbox, ref.messageId);
  if (stored === null) return sweepOrphans(stores, region, ref, nowMs, swept);
  if (!isStub(stored.value)) return;
  if (stored.value.reason === 'swept') await sweepOrphans(stores, region, ref, nowMs, swept);
  else swept.orphans += await removeRecordings(stores, [region], ref);
  if (region !== stores.master || nowMs - Date.parse(stored.value.goneAt) < STUB_AGE_MS) return;
  const key = metadataKey(stores.tenant, ref.mailbox, ref.messageId);
  if (await won(stores.master.store.delete(key, { etag: stored.etag }))) swept.stubs += 1;
}

/**
 * Removes a message folder's recordings in a region where they are old and no metadata names them. The claim comes first: a `swept`
 * stub where the metadata would be, which a deposit that still comes replaces after it stored its media again.
 */
async function sweepOrphans(
  stores: TenantStores,
  region: RegionStore,
  ref: MessageRef,
  nowMs: number,
  swept: Leftovers,
): Promise<void> {
  const claim = metadataKey(stores.tenant, ref.mailbox, ref.messageId);
  for await (const { key, lastModified } of region.store.list(
    messagePrefix(stores.tenant, ref.mailbox, ref.messageId),
  )) {
    if (key === claim || nowMs - lastModified < ORPHAN_AGE_MS) continue;
    const info = await region.store.head(key);
    if (info === null) continue;
    const goneAt = new Date(nowMs).toISOString();
    const stub: Stub = { tenant: stores.tenant, ...ref, gone: true, reason: 'swept', revision: 1, goneAt };
    await createJson(stores.master.store, claim, stub);
    const record = await readRecord(stores, ref.mailbox, ref.messageId);
    if (record === null || !isStub(record.value)) return;
    if (await won(region.store.delete(key, { etag: info.etag }))) swept.orphans += 1;
  }
}

/** An entry goes when neither a record nor a recording of what it names is there, and it is too old for one to come. */
async function sweepIndex(stores: TenantStores, region: RegionStore, nowMs: number, swept: Leftovers): Promise<void> {
  for await (const { key, lastModified } of region.store.list(callerIndexPrefix(stores.tenant))) {
    if (nowMs - lastModified < ORPHAN_AGE_MS) continue;
    const hit = await readHit(region.store, key);
    if (hit === null || (await namesSomething(stores, hit.places))) continue;
    if ((await readRecord(stores, hit.owner, hit.id)) !== null) continue;
    if (await region.store.delete(key)) swept.indexEntries += 1;
  }
}

async function namesSomething(
  stores: TenantStores,
  places: readonly { region: string; key: string }[],
): Promise<boolean> {
  for (const place of places) {
    const region = stores.regions.find(({ name }) => name === place.region);
    if (region === undefined || (await region.store.head(place.key)) !== null) return true;
  }
  return false;
}
