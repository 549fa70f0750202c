import { isStub, isSwept, type Stub } from '@voicemail/domain';
import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { readDeadLetterIn } from './dead-letters.ts';
import { eraseAnyMedia, removeRecordings } from './delete-message.ts';
import { eraseAsSeen, erasePast, type NotErased } from './erase.ts';
import {
  deadLettersPrefix,
  mailboxesPrefix,
  messagePrefix,
  messagesPrefix,
  metadataKey,
  probesPrefix,
  stagingPrefix,
} from './keys.ts';
import { hasMarkEntry } from './mark-index.ts';
import { claimAbsent } from './orphan.ts';
import { readRecord } from './read-message.ts';
import { sweepIndexes } from './sweep-indexes.ts';
import { DAY_MS, ORPHAN_AGE_MS, passOver, type SweepOptions } from './sweep.ts';
import type { RegionStore, TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

/** How long a stub keeps a replayed deposit away (CONTRACT section 4). */
const STUB_AGE_MS = 35 * DAY_MS;
/** A deletion that stopped before it had erased what a store keeps is met by a sweep while its stub is this young. */
const STUB_ERASED_AGAIN_MS = 3 * DAY_MS;
/** Longer than any doctor looks at a store. */
const PROBE_AGE_MS = DAY_MS;

/** What a sweep of leftovers took away, by kind. */
export interface SweptLeftovers {
  orphans: number;
  staged: number;
  stubs: number;
  indexEntries: number;
}

/**
 * Removes what nobody comes back for: recordings without metadata, staged objects, old stubs, index entries of nothing, and
 * what a doctor that was killed left.
 * Walks every message folder: run it seldom.
 */
export async function sweepLeftovers(stores: TenantStores, options: SweepOptions): Promise<SweptLeftovers> {
  const swept: SweptLeftovers = { orphans: 0, staged: 0, stubs: 0, indexEntries: 0 };
  for (const region of stores.regions) {
    const sweep: Sweep = { stores, region, options, swept };
    await passOver(options, {}, () => sweepMessages(sweep));
    await passOver(options, {}, () => sweepStaged(sweep));
    await passOver(options, {}, () => sweepProbes(sweep));
    await passOver(options, {}, async () => {
      swept.indexEntries += await sweepIndexes(stores, region, options);
    });
  }
  return swept;
}

/** One region's part. */
interface Sweep {
  readonly stores: TenantStores;
  readonly region: RegionStore;
  readonly options: SweepOptions;
  readonly swept: SweptLeftovers;
}

async function sweepMessages(sweep: Sweep): Promise<void> {
  const { stores, region, options } = sweep;
  for await (const mailbox of region.store.folders(mailboxesPrefix(stores.tenant))) {
    for await (const messageId of region.store.folders(messagesPrefix(stores.tenant, mailbox))) {
      const ref = { mailbox, messageId };
      await passOver(options, ref, () => sweepMessage(sweep, ref));
    }
  }
}

async function sweepStaged(sweep: Sweep): Promise<void> {
  const { stores, options, swept } = sweep;
  const named = await namedByLetters(stores, options);
  const isFree = (key: string): boolean => !named.has(key);
  swept.staged += await sweepOld(sweep, 'staged media', stagingPrefix(stores.tenant), ORPHAN_AGE_MS, isFree);
}

async function sweepProbes(sweep: Sweep): Promise<void> {
  await sweepOld(sweep, 'probe', probesPrefix(sweep.stores.tenant), PROBE_AGE_MS, () => true);
}

/** Removes what is older below a prefix. @returns how many. */
async function sweepOld(
  { region, options: { nowMs, signal, onNotErased } }: Sweep,
  of: NotErased['of'],
  prefix: string,
  ageMs: number,
  mayGo: (key: string) => boolean,
): Promise<number> {
  let count = 0;
  for await (const { key, lastModified } of region.store.list(prefix)) {
    signal.throwIfAborted();
    if (nowMs - lastModified < ageMs || !mayGo(key)) continue;
    const info = await region.store.head(key);
    if (info === null || nowMs - info.lastModified < ageMs) continue;
    const { removed, notErased } = await eraseAsSeen(region, of, info);
    notErased.forEach(onNotErased);
    if (removed) count += 1;
  }
  return count;
}

/**
 * The staged objects that a dead letter names: its replay needs them. A damaged letter is told and passed over: it names none.
 * @throws StoreError where a region is down.
 */
async function namedByLetters({ tenant, regions }: TenantStores, options: SweepOptions): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const { store } of regions) {
    for await (const id of store.folders(deadLettersPrefix(tenant))) {
      options.signal.throwIfAborted();
      const stagedKey = await stagedKeyOf(store, tenant, id, options);
      if (stagedKey !== null) named.add(stagedKey);
    }
  }
  return named;
}

async function stagedKeyOf(
  store: ObjectStore,
  tenant: string,
  id: string,
  { onFailure }: SweepOptions,
): Promise<string | null> {
  try {
    return (await readDeadLetterIn(store, tenant, id))?.stagedKey ?? null;
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'corrupt') throw error;
    onFailure(error, {});
    return null;
  }
}

async function sweepMessage(sweep: Sweep, ref: MessageRef): Promise<void> {
  const { stores, region, options, swept } = sweep;
  const stored = await readRecord(stores, ref.mailbox, ref.messageId);
  // What the deletion rule is still to settle is not swept: it may be under a legal hold.
  if (stored === null) return (await hasMarkEntry(stores, ref)) ? undefined : sweepOrphans(sweep, ref);
  const { value: record, etag } = stored;
  if (!isStub(record)) return;
  if (isSwept(record)) await sweepOrphans(sweep, ref);
  else await sweepDeleted(sweep, record);
  if (region !== stores.master || options.nowMs - Date.parse(record.goneAt) < STUB_AGE_MS) return;
  const key = metadataKey(stores.tenant, ref.mailbox, ref.messageId);
  const { removed, notErased } = await eraseAsSeen(region, 'metadata', { key, etag });
  notErased.forEach(options.onNotErased);
  if (removed) swept.stubs += 1;
}

/** Completes a deletion that stopped, or that an attempt at the deposit came after. */
async function sweepDeleted({ stores, region, options, swept }: Sweep, stub: Stub): Promise<void> {
  const { removed, notErased } = await removeRecordings(stores, [region], stub);
  notErased.forEach(options.onNotErased);
  swept.orphans += removed;
  if (options.nowMs - Date.parse(stub.goneAt) > STUB_ERASED_AGAIN_MS) return;
  (await eraseAnyMedia(stores, [region], stub)).notErased.forEach(options.onNotErased);
  if (region !== stores.master) return;
  const metadata = metadataKey(stores.tenant, stub.mailbox, stub.messageId);
  (await erasePast(region, 'metadata', metadata)).forEach(options.onNotErased);
}

/**
 * Removes a message folder's recordings in a region where they are old and no metadata names them. The claim comes first: a `swept`
 * stub where the metadata would be, which a deposit that still comes replaces after it stored its media anew.
 */
async function sweepOrphans({ stores, region, options, swept }: Sweep, ref: MessageRef): Promise<void> {
  const { nowMs } = options;
  const claim = metadataKey(stores.tenant, ref.mailbox, ref.messageId);
  for await (const { key, lastModified } of region.store.list(
    messagePrefix(stores.tenant, ref.mailbox, ref.messageId),
  )) {
    if (key === claim || nowMs - lastModified < ORPHAN_AGE_MS) continue;
    const info = await region.store.head(key);
    // Looked at again: a deposit that met the claim of another sweep may have stored it anew since the listing.
    if (info === null || nowMs - info.lastModified < ORPHAN_AGE_MS) continue;
    const seen = { region: region.name, key, etag: info.etag };
    if ((await claimAbsent(stores, ref, [seen], new Date(nowMs).toISOString())) !== null) return;
    const { removed, notErased } = await eraseAsSeen(region, 'media', info);
    notErased.forEach(options.onNotErased);
    if (removed) swept.orphans += 1;
  }
}
