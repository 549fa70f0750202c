import { headOf, type RequestState } from '@voicemail/domain';
import { LogError } from '@voicemail/event-log';
import { findRegion, Refusal, type RegionStore } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import { nowText, type Turn } from './context.ts';
import { RegionGone } from './find-callers.ts';
import { finishErasure } from './finish-erasure.ts';
import { CHECK_TIMEOUT_MS } from './limits.ts';
import { runRequest } from './run-request.ts';
import { tell } from './tell.ts';

/** What came of work on a tenant's requests: `done`, nothing is left to do now; `later`, a region or a store keeps it waiting. */
export type WorkOutcome = 'done' | 'later';

/** Whether a tenant has a request with something to do now. */
export const hasWork = (turn: Pick<Turn, 'ledger'>): boolean => nextOf(turn) !== null;

/** The one whose turn it is; else one that is about to be erased. */
function nextOf({ ledger }: Pick<Turn, 'ledger'>): RequestState | null {
  const head = headOf(ledger.state);
  if (head !== null) return head;
  return ledger.state.requests.values().find(({ phase }) => phase === 'erasing') ?? null;
}

/** Works on a tenant's requests, one after the other in the order of their intake, until nothing is left to do or something is in the way. */
export async function workOn(turn: Turn): Promise<WorkOutcome> {
  for (let next = nextOf(turn); next !== null; next = nextOf(turn)) {
    turn.signal.throwIfAborted();
    if ((await workOnOne(turn, next)) === 'later') return 'later';
  }
  return 'done';
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
    if (request.phase !== 'waiting' || request.waitsFor.join() !== down.join()) {
      await tell(turn, place, { kind: 'waiting', requestId, at: nowText(turn), regions: down });
    }
    return 'later';
  }
  try {
    if (request.phase === 'erasing') await finishErasure(turn, request);
    else {
      const regions = stores.regions.map(({ name }) => name);
      const begun =
        request.phase === 'running'
          ? request
          : await tell(turn, place, { kind: 'began', requestId, at: nowText(turn), regions });
      await runRequest(turn, begun);
    }
    return 'done';
  } catch (error) {
    if (error instanceof RegionGone || (error instanceof Refusal && error.reason === 'unknown-region')) {
      await fail(error.message);
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
