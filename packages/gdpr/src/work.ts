import { headOf, isUnderWay, type RequestState } from '@voicemail/domain';
import { LogError } from '@voicemail/event-log';
import { findRegion, type RegionStore } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import { nowText, type Turn } from './context.ts';
import { finishErasure } from './finish-erasure.ts';
import { CHECK_TIMEOUT_MS, LIST_BOUND_MS, MAX_ERASED_AT_ONCE } from './limits.ts';
import { isRegionGone } from './region-gone.ts';
import { runRequest } from './run-request.ts';
import { searchSettled, unsettled, type Searches } from './search-again.ts';
import { tell } from './tell.ts';

/** What came of work on a tenant's requests: `done`, nothing is left to do now; `later`, a region or a store keeps it waiting. */
export type WorkOutcome = 'done' | 'later';

/** Whether a tenant has a request with something to do now. */
export const hasWork = (turn: Pick<Turn, 'ledger' | 'stores' | 'clock'>, searches: Searches): boolean =>
  nextOf(turn).length > 0 || unsettled(turn, searches) !== null;

const isErasing = ({ phase }: Pick<RequestState, 'phase'>): boolean => phase === 'erasing';

/** The one whose turn it is; else those that are about to be erased. */
function nextOf({ ledger }: Pick<Turn, 'ledger'>): readonly RequestState[] {
  const head = headOf(ledger.state);
  if (head !== null) return [head];
  return ledger.state.requests.values().filter(isErasing).take(MAX_ERASED_AT_ONCE).toArray();
}

/** Works on a tenant's requests, one after the other in the order of their intake, until nothing is left to do or something is in the way. */
export async function workOn(turn: Turn, searches: Searches): Promise<WorkOutcome> {
  for (let next = nextOf(turn); next.length > 0; next = nextOf(turn)) {
    if ((await workOnAll(turn, next)) === 'later') return 'later';
  }
  for (let next = unsettled(turn, searches); next !== null; next = unsettled(turn, searches)) {
    turn.signal.throwIfAborted();
    const request = next;
    const search = async (): Promise<WorkOutcome> => {
      await searchSettled(turn, request, searches);
      return 'done';
    };
    if ((await guarded(turn, request, search)) === 'later') return 'later';
  }
  return 'done';
}

/** Works on the one whose turn it is, or on those about to be erased. */
async function workOnAll(turn: Turn, requests: readonly RequestState[]): Promise<WorkOutcome> {
  // Once for all: whoever judges a deposit knows then that nothing of them is to be stored.
  if (requests.some(isErasing)) await turn.clock.sleep(LIST_BOUND_MS, turn.signal);
  for (const { requestId } of requests) {
    turn.signal.throwIfAborted();
    const request = turn.ledger.state.requests.get(requestId);
    if (request === undefined || isErasing(request) !== requests.some(isErasing)) continue;
    if ((await guarded(turn, request, () => workOnOne(turn, request))) === 'later') return 'later';
  }
  return 'done';
}

/** What a region that is gone makes of a request, and a store that fails. */
async function guarded(
  turn: Turn,
  { requestId }: RequestState,
  work: () => Promise<WorkOutcome>,
): Promise<WorkOutcome> {
  const { stores, ledger } = turn;
  try {
    return await work();
  } catch (error) {
    if (isRegionGone(error)) {
      const entry = { kind: 'failed' as const, requestId, at: nowText(turn), reason: error.message };
      await tell(turn, { ledger, tenant: stores.tenant }, entry);
      return 'done';
    }
    if (!(error instanceof StoreError) && !(error instanceof LogError)) throw error;
    turn.logger.warn(
      { err: error, tenant: stores.tenant, requestId },
      'a GDPR request waits, and goes on where it was',
    );
    return 'later';
  }
}

async function workOnOne(turn: Turn, request: RequestState): Promise<WorkOutcome> {
  const { stores, ledger } = turn;
  const place = { ledger, tenant: stores.tenant };
  const { requestId } = request;
  const fail = (reason: string): Promise<RequestState> =>
    tell(turn, place, { kind: 'failed', requestId, at: nowText(turn), reason });
  const gone = request.regions.find((name) => findRegion(stores, name) === null);
  if (gone !== undefined) {
    await fail(`the tenant's list has no region ${gone} any more, which the request works on`);
    return 'done';
  }
  const down = await regionsDown(turn);
  if (turn.clock.now() >= Date.parse(request.deadlineAt)) {
    const why = down.length === 0 ? '' : `: ${down.join(', ')} cannot be reached`;
    await fail(`the deadline passed${why}`);
    return 'done';
  }
  if (down.length > 0) {
    // One that is about to be erased stays so, and has nothing new to tell.
    if (!isUnderWay(request)) return 'later';
    const attempts = attempted(turn, request);
    const isTold = request.phase === 'waiting' && request.waitsFor.join() === down.join();
    // Each would fill the ledger: some ten thousand until the deadline.
    if (!isTold || Number.isInteger(Math.log2(attempts)))
      await tell(turn, place, { kind: 'waiting', requestId, at: nowText(turn), regions: down, attempts });
    return 'later';
  }
  if (request.phase === 'erasing') {
    await finishErasure(turn, request);
    return 'done';
  }
  const regions = stores.regions.map(({ name }) => name);
  const isBegun = request.phase === 'running';
  const begin = async (): Promise<RequestState> => {
    const attempts = attempted(turn, request);
    turn.tried.delete(requestId);
    return tell(turn, place, { kind: 'began', requestId, at: nowText(turn), regions, attempts });
  };
  const begun = isBegun ? request : await begin();
  await runRequest(turn, begun);
  return 'done';
}

/** How often a request has been tried, with this attempt. */
function attempted({ tried }: Turn, { requestId, attempts }: RequestState): number {
  const count = Math.max(attempts, tried.get(requestId) ?? 0) + 1;
  tried.set(requestId, count);
  return count;
}

/** The regions that do not say in time that they are up, the master first. */
async function regionsDown({ stores, clock, signal }: Turn): Promise<string[]> {
  const isUp = async ({ store }: RegionStore): Promise<boolean> => {
    const answered = new AbortController();
    const late = clock.sleep(CHECK_TIMEOUT_MS, AbortSignal.any([signal, answered.signal])).then(
      () => false,
      () => false,
    );
    const check = store.check().then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([check, late]);
    } finally {
      answered.abort();
    }
  };
  const up = await Promise.all(stores.regions.map(isUp));
  signal.throwIfAborted();
  return stores.regions.filter((_region, index) => up[index] !== true).map(({ name }) => name);
}
