import { isExpired, isStub, isSwept, type Stub } from '@voicemail/domain';
import { StoreError } from '@voicemail/object-store';
import {
  listDeadLetters,
  removeDeadLetter,
  removeHalfLetter,
  storesOf,
  sweepableLetters,
  type DeadLetterHome,
} from './dead-letters.ts';
import { readEntry } from './caller-index.ts';
import { createJson, won } from './json-document.ts';
import {
  callerIndexPrefix,
  mailboxesPrefix,
  messagePrefix,
  messagesPrefix,
  metadataKey,
  stagingPrefix,
} from './keys.ts';
import { listMailboxes, readRecord } from './read-message.ts';
import { deleteMessage, removeMedia, removeRecordings, type DeleteOutcome } from './change-message.ts';
import { readMailbox } from './mailbox-settings.ts';
import type { RegionStore, TenantStores } from './tenant-stores.ts';

const DAY_MS = 86_400_000;
/** A recording without metadata, or a staged object, is left alone this long: whoever writes it may still come back. */
const ORPHAN_AGE_MS = 7 * DAY_MS;
/** How long a stub keeps a replayed deposit away (CONTRACT section 4). */
const STUB_AGE_MS = 35 * DAY_MS;

/** Told of what could not be swept: it is passed over, and tried again by the next sweep. */
export type OnSweepFailure = (
  error: StoreError,
  what: { readonly mailbox?: string; readonly messageId?: string },
) => void;

/** What every sweep needs. It rejects when `signal` aborts. */
export interface SweepOptions {
  /** ms since the epoch. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
  readonly onFailure: OnSweepFailure;
}

/**
 * Deletes what its mailbox's `retentionDays` say is over. Yields each deletion, to be announced before the media goes; those of the
 * last day again, for a process may have died before it announced them.
 */
export async function* sweepExpired(stores: TenantStores, options: SweepOptions): AsyncGenerator<DeleteOutcome> {
  for await (const mailbox of listMailboxes(stores)) {
    const settings = await passOver(options, { mailbox }, () => readMailbox(stores, mailbox));
    const retentionDays = settings?.settings?.retentionDays;
    if (retentionDays === undefined) continue;
    for await (const messageId of stores.master.store.folders(messagesPrefix(stores.tenant, mailbox))) {
      const ref = { mailbox, messageId };
      const deleted = await passOver(options, ref, () => deleteExpired(stores, ref, retentionDays, options.nowMs));
      if (deleted === null) continue;
      yield deleted;
      await passOver(options, ref, () => removeMedia(stores, deleted));
    }
  }
}

async function deleteExpired(
  stores: TenantStores,
  { mailbox, messageId }: MessageRef,
  retentionDays: number,
  nowMs: number,
): Promise<DeleteOutcome | null> {
  const record = (await readRecord(stores, mailbox, messageId))?.value;
  if (record === undefined || isSwept(record)) return null;
  if (isStub(record)) {
    const isRecent = record.reason === 'retention' && nowMs - Date.parse(record.goneAt) < DAY_MS;
    return isRecent ? { changed: false, record, media: null } : null;
  }
  if (!isExpired(record, retentionDays, nowMs)) return null;
  return deleteMessage(stores, mailbox, messageId, 'retention', new Date(nowMs).toISOString());
}

/** Runs one piece of a sweep; null where the store failed it. */
async function passOver<T>(
  { signal, onFailure }: SweepOptions,
  what: Partial<MessageRef>,
  run: () => Promise<T>,
): Promise<T | null> {
  signal.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    onFailure(error, what);
    return null;
  }
}

/** Removes dead letters whose time is over, and halves of letters, in every region that is up. Returns how many. */
export async function sweepDeadLetters(home: DeadLetterHome, options: SweepOptions): Promise<number> {
  let removed = 0;
  for (const store of storesOf(home)) {
    await passOver(options, {}, async () => {
      for await (const { id, document } of sweepableLetters(home, store)) {
        options.signal.throwIfAborted();
        if (document === null) {
          if (await removeHalfLetter(home, store, id, options.nowMs - DAY_MS)) removed += 1;
        } else if (Date.parse(document.expiresAt) <= options.nowMs) {
          await removeDeadLetter(home, document);
          removed += 1;
        }
      }
    });
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
 * Walks every message folder: run it seldom.
 */
export async function sweepLeftovers(stores: TenantStores, options: SweepOptions): Promise<Leftovers> {
  const swept: Leftovers = { orphans: 0, staged: 0, stubs: 0, indexEntries: 0 };
  for (const region of stores.regions) {
    await passOver(options, {}, () => sweepMessages(stores, region, options, swept));
    await passOver(options, {}, () => sweepStaged(stores, region, options, swept));
    await passOver(options, {}, () => sweepIndex(stores, region, options, swept));
  }
  return swept;
}

async function sweepMessages(
  stores: TenantStores,
  region: RegionStore,
  options: SweepOptions,
  swept: Leftovers,
): Promise<void> {
  for await (const mailbox of region.store.folders(mailboxesPrefix(stores.tenant))) {
    for await (const messageId of region.store.folders(messagesPrefix(stores.tenant, mailbox))) {
      const ref = { mailbox, messageId };
      await passOver(options, ref, () => sweepMessage(stores, region, ref, options.nowMs, swept));
    }
  }
}

async function sweepStaged(
  stores: TenantStores,
  region: RegionStore,
  { nowMs, signal }: SweepOptions,
  swept: Leftovers,
): Promise<void> {
  const named = await namedByLetters(stores);
  for await (const { key, lastModified } of region.store.list(stagingPrefix(stores.tenant))) {
    signal.throwIfAborted();
    if (nowMs - lastModified < ORPHAN_AGE_MS || named.has(key)) continue;
    if (await region.store.delete(key)) swept.staged += 1;
  }
}

/** The staged objects that a dead letter names: its replay needs them. @throws StoreError where a region is down. */
async function namedByLetters(stores: TenantStores): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for await (const { stagedKey } of listDeadLetters({ tenant: stores, deployment: stores.master.store })) {
    if (stagedKey !== null) named.add(stagedKey);
  }
  return named;
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
    // Looked at again: a deposit that met the claim of another sweep may have stored it anew since the listing.
    if (info === null || nowMs - info.lastModified < ORPHAN_AGE_MS) continue;
    const goneAt = new Date(nowMs).toISOString();
    const stub: Stub = { tenant: stores.tenant, ...ref, gone: true, reason: 'swept', revision: 1, goneAt };
    await createJson(stores.master.store, claim, stub);
    const record = await readRecord(stores, ref.mailbox, ref.messageId);
    if (record === null || !isSwept(record.value)) return;
    if (await won(region.store.delete(key, { etag: info.etag }))) swept.orphans += 1;
  }
}

/** An entry goes when neither a record nor a recording of what it names is there, and it is too old for one to come. */
async function sweepIndex(
  stores: TenantStores,
  region: RegionStore,
  { nowMs, signal }: SweepOptions,
  swept: Leftovers,
): Promise<void> {
  for await (const { key, lastModified } of region.store.list(callerIndexPrefix(stores.tenant))) {
    signal.throwIfAborted();
    if (nowMs - lastModified < ORPHAN_AGE_MS) continue;
    const hit = await readEntry(region.store, key);
    if (hit === null || (await namesSomething(stores, hit.places))) continue;
    if ((await readRecord(stores, hit.owner, hit.id)) !== null) continue;
    if (await won(region.store.delete(key, { etag: hit.etag }))) swept.indexEntries += 1;
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
