import { isResting, type RequestState } from '@voicemail/domain';
import { nowText, type Turn } from './context.ts';
import { findCallers, findErased } from './find-callers.ts';
import { eraseFinds } from './finish-erasure.ts';
import {
  MAX_ERASED_SEARCHES,
  SEARCH_ERASED_EVERY_MS,
  SEARCH_ERASED_FOR_MS,
  SEARCH_LONG_ERASED_EVERY_MS,
  TAGS_SETTLE_AFTER_MS,
} from './limits.ts';
import { markFinds } from './mark.ts';
import { isRegionGone } from './region-gone.ts';

/** When this process searched for a request last, ms since the epoch: a restart searches once more. */
export type Searches = Map<string, number>;

/**
 * Searches for erased callers again: once a day while stubs live, then once a week, for a store that was restored from a backup. What is found is
 * deleted at once, unless it is under a legal hold: then it goes with the first search after that.
 */
export async function searchErased(turn: Turn, searches: Searches): Promise<void> {
  const nowMs = turn.clock.now();
  const due = [...turn.ledger.state.requests.values()].filter((request) => isDue(request, searches, nowMs));
  due.sort((a, b) => (searches.get(a.requestId) ?? 0) - (searches.get(b.requestId) ?? 0));
  for (const request of due.slice(0, MAX_ERASED_SEARCHES)) {
    turn.signal.throwIfAborted();
    // While an undo waits, nothing was searched for.
    if ((await searchOne(turn, request)) !== 'undo waits') searches.set(request.requestId, nowMs);
  }
}

/** What lies in a region that is gone cannot be deleted, and keeps no other search waiting. @throws StoreError where one is down. */
async function searchOne(turn: Turn, request: RequestState): Promise<'searched' | 'undo waits'> {
  const of = { tenant: turn.stores.tenant, requestId: request.requestId };
  try {
    const outcome = await eraseFinds(turn, request, await findErased(turn.stores, request));
    if (outcome === 'again') turn.logger.warn(of, 'something of an erased caller was there again, and is deleted');
    if (outcome === 'undo waits') return outcome;
  } catch (error) {
    if (!isRegionGone(error)) throw error;
    turn.logger.error({ ...of, err: error }, 'something of an erased caller lies in a region that is gone');
  }
  return 'searched';
}

function isDue({ requestId, phase, updatedAt }: RequestState, searches: Searches, nowMs: number): boolean {
  if (phase !== 'erased') return false;
  const erasedMs = Date.parse(updatedAt);
  const everyMs = nowMs - erasedMs < SEARCH_ERASED_FOR_MS ? SEARCH_ERASED_EVERY_MS : SEARCH_LONG_ERASED_EVERY_MS;
  return nowMs - (searches.get(requestId) ?? erasedMs) >= everyMs;
}

/** The marked forget whose stores' tags have settled since it was marked, and which was not searched for since; null where there is none. */
export function unsettled(
  { stores, ledger, clock }: Pick<Turn, 'stores' | 'ledger' | 'clock'>,
  searches: Searches,
): RequestState | null {
  if (!stores.regions.some(({ store }) => store.capabilities.tagSearch)) return null;
  const settledMs = clock.now() - TAGS_SETTLE_AFTER_MS;
  const isWaiting = ({ requestId, phase, markedAt }: RequestState): boolean =>
    isResting(phase) && markedAt !== null && Date.parse(markedAt) <= settledMs && !searches.has(requestId);
  return ledger.state.requests.values().find(isWaiting) ?? null;
}

/** Searches for a marked request once more: a store's tags may not have told all of what was written shortly before. */
export async function searchSettled(turn: Turn, request: RequestState, searches: Searches): Promise<void> {
  const marked = await markFinds(turn, request, await findCallers(turn.stores, request));
  if (marked > 0)
    turn.logger.info({ requestId: request.requestId, marked, at: nowText(turn) }, 'tags had lagged: marked now');
  searches.set(request.requestId, turn.clock.now());
}
