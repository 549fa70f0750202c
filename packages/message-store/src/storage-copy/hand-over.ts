import { count } from '../count.ts';
import { copyDocuments } from './copy-documents.ts';
import { beginHandOver, completeHandOver, withMaster } from './master.ts';
import type { Route } from './move-message.ts';
import type { CopyOptions } from './copy-storage.ts';
import { beginPhase, countKept } from '../work-report.ts';
import type { CopyReport } from './report.ts';
import type { TenantStores } from '../tenant-stores.ts';

/**
 * Makes the target the master region: a mark that it holds a part, then every document, compared byte for byte, then the marks that the
 * source is the master no more and the target is. A start takes no region for the master that does not say so itself (`claimMasterRegion`),
 * so a crash at any moment leaves the source in force, or nothing until this was run again.
 * @returns the tenant as it is then.
 */
export async function handOver(
  stores: TenantStores,
  route: Route,
  { clock, signal }: Pick<CopyOptions, 'clock' | 'signal'>,
  report: CopyReport,
): Promise<TenantStores> {
  const after = withMaster(stores, route.to);
  await beginHandOver(stores, route);
  beginPhase(report, 'documents', await count(route.from.store.list(`${stores.tenant}/`)));
  for await (const brought of copyDocuments(after, route, new Date(clock.now()).toISOString())) {
    signal.throwIfAborted();
    if (brought.isSource) report.done += 1;
    if (brought.isCompared) report.compared += 1;
    if (brought.changed) report.documents += 1;
    countKept(report, brought.notErased);
  }
  await completeHandOver(stores, route);
  report.isHandedOver = true;
  return after;
}
