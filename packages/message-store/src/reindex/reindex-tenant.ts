import type { Clock } from '@voicemail/runtime';
import { count } from '../count.ts';
import { inBatches } from '../in-batches.ts';
import { won, writeJson } from '../json-document.ts';
import { callerHashCheckKey } from '../keys.ts';
import { isMasters, markOf } from '../master-mark.ts';
import type { RegionStore, TenantStores } from '../tenant-stores.ts';
import type { MessageRef } from '../update-message.ts';
import { entriesIn, lettersIn, messagesOf } from '../walks.ts';
import { beginPhase, countKept, orNote } from '../work-report.ts';
import { oldKeysOf } from './old-keys.ts';
import { rekeyEntry } from './rekey-entry.ts';
import { rekeyLetter } from './rekey-letter.ts';
import { rekeyMessage } from './rekey-message.ts';
import type { ReindexReport } from './report.ts';

const CONCURRENCY = 16;
/** As long as a pass finds something to do there is another one, but not for ever. */
const MAX_PASSES = 5;

export interface ReindexOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Run {
  readonly stores: TenantStores;
  readonly options: ReindexOptions;
  readonly report: ReindexReport;
}

/**
 * Brings what is under old caller-hash keys under the current one, the first of the file: index entries, tags where they are hashes, dead
 * letters. Beside running services, all of which must have the current key as the first one already; the old keys are searched until the
 * end. May be stopped at any moment and run again.
 *
 * A pass that finds nothing to do is the proof: every message's entry is where a search under the current key looks, and no other entry is
 * left. Then the tenant's mark names the current key: a process that has the old ones alone is refused from there on. An old one may leave the
 * file where nothing in the ledger knows a caller by it; entries of the ledger stay under the keys that they were written under.
 * @param report is filled in while it runs.
 * @throws StoreError where a region is down; the reason of the signal.
 */
export async function reindexTenant(
  stores: TenantStores,
  options: ReindexOptions,
  report: ReindexReport,
): Promise<void> {
  await Promise.all(stores.regions.map(({ store }) => store.check()));
  const run = { stores, options, report };
  const total = await count(messagesOf(stores, options.signal));
  let isQuiet = false;
  while (!isQuiet && report.pass < MAX_PASSES) isQuiet = !(await pass(run, total));
  if (isQuiet && report.failed === 0 && report.waiting === 0) report.isComplete = await nameCurrentKey(stores);
  report.oldKeys = await oldKeysOf(stores, report.isComplete);
  beginPhase(report, 'done', null);
}

/** @returns whether it found something to do. */
async function pass({ stores, options, report }: Run, total: number): Promise<boolean> {
  const { clock, signal } = options;
  const now = new Date(clock.now()).toISOString();
  report.pass += 1;
  Object.assign(report, { failed: 0, failures: [], waiting: 0 });
  const before = report.entries + report.tags + report.deadLetters + report.erased;
  beginPhase(report, 'index', null);
  for (const region of stores.regions) {
    const keys = entriesIn(stores, region.store, signal);
    await count(inBatches(keys, CONCURRENCY, (key) => bringEntry(stores, region, key, report)));
  }
  beginPhase(report, 'messages', total);
  await count(inBatches(messagesOf(stores, signal), CONCURRENCY, (ref) => bringMessage(stores, ref, now, report)));
  beginPhase(report, 'dead letters', null);
  for (const region of stores.regions) {
    const ids = lettersIn(stores, region.store, signal);
    await count(inBatches(ids, CONCURRENCY, (id) => bringLetter(stores, region, id, now, report)));
  }
  return report.entries + report.tags + report.deadLetters + report.erased > before;
}

async function bringEntry(
  stores: TenantStores,
  region: RegionStore,
  key: string,
  report: ReindexReport,
): Promise<void> {
  report.done += 1;
  const rekeyed = await orNote(report, {}, () => rekeyEntry(stores, region, key));
  if (rekeyed === null) return;
  if (rekeyed.written) report.entries += 1;
  if (rekeyed.removed) report.erased += 1;
  if (rekeyed.isWaiting) report.waiting += 1;
  countKept(report, rekeyed.notErased);
}

async function bringMessage(stores: TenantStores, ref: MessageRef, now: string, report: ReindexReport): Promise<void> {
  report.done += 1;
  const rekeyed = await orNote(report, ref, () => rekeyMessage(stores, ref, now));
  if (rekeyed === null) return;
  if (rekeyed.entry) report.entries += 1;
  report.tags += rekeyed.tags;
  report.erased += rekeyed.removed;
  countKept(report, rekeyed.notErased);
}

async function bringLetter(
  stores: TenantStores,
  region: RegionStore,
  id: string,
  now: string,
  report: ReindexReport,
): Promise<void> {
  report.done += 1;
  const rekeyed = await orNote(report, { deadLetter: id }, () => rekeyLetter(stores, region, id, now));
  if (rekeyed === null) return;
  if (rekeyed.changed) report.deadLetters += 1;
  countKept(report, rekeyed.notErased);
}

/** @returns false where the mark changed meanwhile, or is none of a master: then the next run does it. */
async function nameCurrentKey(stores: TenantStores): Promise<boolean> {
  const { store } = stores.master;
  const mark = await markOf(stores, store);
  if (mark === null || !isMasters(mark.value)) return false;
  const { checkValue } = stores.hashes;
  if (mark.value.checkValue === checkValue) return true;
  const key = callerHashCheckKey(stores.tenant);
  const formerCheckValues = [...new Set([...(mark.value.formerCheckValues ?? []), mark.value.checkValue])];
  return won(writeJson(store, key, { ...mark.value, checkValue, formerCheckValues }, { etag: mark.etag }));
}
