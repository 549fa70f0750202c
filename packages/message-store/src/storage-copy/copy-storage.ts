import { isStub, isSwept } from '@voicemail/domain';
import type { Clock } from '@voicemail/runtime';
import { count } from '../count.ts';
import { removeRecordings } from '../delete-message.ts';
import { inBatches } from '../in-batches.ts';
import { callerHashCheckKey, mailboxesPrefix, ownerOf, stagingPrefix } from '../keys.ts';
import { readRecord } from '../read-message.ts';
import { handOver } from './hand-over.ts';
import { tidyEntry } from './tidy-index.ts';
import { moveLetter, removeLetterEntries } from './move-letter.ts';
import { removeFormerDocuments, withActualMaster } from './master.ts';
import { moveMessage, settleRecording, type Route } from './move-message.ts';
import { beginPhase, countKept, orNote } from '../work-report.ts';
import type { CopyReport, LeftInSource } from './report.ts';
import { regionOf, type RegionStore, type TenantStores } from '../tenant-stores.ts';
import type { MessageRef } from '../update-message.ts';
import { entriesIn, lettersIn, messagesOf } from '../walks.ts';

/** Messages that are looked at at once: of large recordings no more than these are on their way. */
const MESSAGE_CONCURRENCY = 8;
const ENTRY_CONCURRENCY = 16;
/** As long as a pass finds something to do there is another one, for deposits go on; but not for ever. */
const MAX_PASSES = 5;

export interface CopyOptions {
  /** Names of two regions of the tenant. */
  readonly from: string;
  readonly to: string;
  /** No service runs, here or elsewhere: then what cannot be brought over beside writers is brought over too. */
  readonly isAlone: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A copy that is under way. */
interface Run {
  readonly stores: TenantStores;
  readonly route: Route;
  readonly options: CopyOptions;
  readonly report: CopyReport;
}

/**
 * Brings what a tenant has in one region to another one. Both are in the tenants' file meanwhile. May be stopped at any moment and run
 * again: it goes on, and what was brought is seen to be there by its sha256 or byte for byte.
 *
 * Beside running services it moves the recordings (`moveMessage`), one by one, until a pass over all messages finds nothing to do: deposits
 * that name the source go on coming as long as publishers name it. Whatever a service does to a message at the same time meets the move at
 * the metadata's compare-and-set, and one of the two is repeated; who reads a recording looks again where it is.
 *
 * Alone it also brings the dead letters, and where the source is the master region all documents (`handOver`): they are one domain of
 * compare-and-set, which cannot change hands beside writers. A copy of the documents ahead of the stop would save little, for each must be
 * compared at the stop all the same, and would keep callers' numbers where no deletion reaches them. Staged recordings stay: their
 * deposits look for them in the region that they name.
 * @param report is filled in while it runs.
 * @throws StoreError where a region is down or documents cannot be brought; CallerHashKeyMismatch; the reason of the signal.
 */
export async function copyStorage(tenant: TenantStores, options: CopyOptions, report: CopyReport): Promise<void> {
  const before = options.isAlone ? await withActualMaster(tenant) : tenant;
  const route = { from: regionOf(before, options.from), to: regionOf(before, options.to) };
  // The source need not take writes: it may be moved because it is full.
  await Promise.all([route.from.store.head(callerHashCheckKey(before.tenant)), route.to.store.check()]);
  const run = { stores: before, route, options, report };
  const total = await count(messagesOf(before, options.signal));
  while (report.pass < MAX_PASSES && (await pass(run, total)));
  if (options.isAlone) await moveLetters(run);
  const isMaster = before.master.name === options.from;
  const stores = options.isAlone && isMaster ? await handOver(before, route, options, report) : before;
  for await (const notErased of removeFormerDocuments(stores, route.from)) {
    options.signal.throwIfAborted();
    countKept(report, notErased);
  }
  report.left = await whatIsLeft({ ...run, stores });
  beginPhase(report, 'done', null);
}

/** Looks at every message, at what lies in the source, and at the index. @returns whether it found something to do. */
async function pass(run: Run, total: number): Promise<boolean> {
  const { stores, route, options, report } = run;
  report.pass += 1;
  Object.assign(report, { failed: 0, failures: [] });
  const doneBefore = report.moved + report.leftovers + report.entries;
  beginPhase(report, 'recordings', total);
  await count(inBatches(messagesOf(stores, options.signal), MESSAGE_CONCURRENCY, (ref) => bringMessage(run, ref)));
  for await (const { key, owner, id } of recordingsIn(run)) {
    const ref = { mailbox: owner, messageId: id };
    const settled = await orNote(report, ref, () => settleRecording(stores, ref, route.from, key));
    if (settled?.removed === true) report.leftovers += 1;
    countKept(report, settled?.notErased ?? []);
  }
  beginPhase(report, 'index', null);
  for (const index of stores.regions) {
    const keys = entriesIn(stores, index.store, options.signal);
    await orNote(report, {}, () => count(inBatches(keys, ENTRY_CONCURRENCY, (key) => tidy(run, index, key))));
  }
  return report.moved + report.leftovers + report.entries > doneBefore;
}

async function bringMessage({ stores, route, options, report }: Run, ref: MessageRef): Promise<void> {
  report.done += 1;
  await orNote(report, ref, async () => {
    const record = (await readRecord(stores, ref.mailbox, ref.messageId))?.value;
    if (record === undefined) return;
    if (isStub(record)) {
      // It may have been deleted after a move that stopped, whose copy nobody else knows of.
      if (report.pass > 1 || isSwept(record)) return;
      const { removed, notErased } = await removeRecordings(stores, [route.to], ref);
      report.leftovers += removed;
      return countKept(report, notErased);
    }
    if (record.region !== route.from.name) return;
    const { message, notErased } = await moveMessage(stores, ref, route, new Date(options.clock.now()).toISOString());
    countKept(report, notErased);
    if (message === null) return;
    report.moved += 1;
    report.movedBytes += message.media.size;
  });
}

async function tidy({ stores, route, report }: Run, index: RegionStore, key: string): Promise<void> {
  report.done += 1;
  if (await orNote(report, {}, () => tidyEntry(stores, index, key, route.from))) report.entries += 1;
}

async function moveLetters({ stores, route, options, report }: Run): Promise<void> {
  beginPhase(report, 'dead letters', null);
  for await (const id of lettersIn(stores, route.from.store, options.signal)) {
    const now = new Date(options.clock.now()).toISOString();
    const notErased = await orNote(report, { deadLetter: id }, () => moveLetter(stores, id, route, now));
    report.done += 1;
    if (notErased === null) continue;
    report.deadLetters += 1;
    countKept(report, notErased);
  }
  for await (const notErased of removeLetterEntries(stores, route, options.signal)) countKept(report, notErased);
}

async function whatIsLeft(run: Run): Promise<LeftInSource> {
  const { stores, route, options } = run;
  const { store, name } = route.from;
  const left = { recordings: 0, unfinished: 0, staged: 0, deadLetters: 0, isMaster: stores.master.name === name };
  for await (const { owner, id } of recordingsIn(run)) {
    const record = (await readRecord(stores, owner, id))?.value;
    if (record === undefined || isSwept(record)) left.unfinished += 1;
    else left.recordings += 1;
  }
  left.staged = await count(store.list(stagingPrefix(stores.tenant)));
  left.deadLetters = await count(lettersIn(stores, store, options.signal));
  return left;
}

/** The recordings that lie in the source. */
async function* recordingsIn({ stores: { tenant }, route: { from }, options: { signal } }: Run) {
  for await (const { key } of from.store.list(mailboxesPrefix(tenant))) {
    signal.throwIfAborted();
    const found = ownerOf(tenant, key);
    if (found?.isMedia === true) yield { key, owner: found.owner, id: found.id };
  }
}
