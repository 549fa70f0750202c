import { isHoldInForce, noHolds, type Holds } from './hold-state.ts';
import type { LedgerEntry, RequestEntry } from './ledger-entry.ts';
import {
  isInForce,
  isNews,
  isOver,
  isSuppressing,
  isUnderWay,
  newRequest,
  nextRequest,
  takeBack,
  type RequestState,
  type StepDone,
} from './request-state.ts';

/** All requests and legal holds of a tenant, as its ledger tells them; grows with each entry. */
export interface LedgerState {
  /** The number of the last entry; 0: there is none. */
  readonly last: number;
  /** By id, in the order of their intake. */
  readonly requests: ReadonlyMap<string, RequestState>;
  /** By request: the entry that was news of it last; one that is of several, as an undo's is, is the last of each. */
  readonly lastNews: ReadonlyMap<string, News>;
  readonly holds: Holds;
  /** Applies the next entry. @throws RangeError for any other number: nothing may be skipped. */
  apply(number: number, entry: LedgerEntry): void;
  /** What is to be done with something of a caller. @param hashes of any form of the number. @param timeMs of the thing. */
  judge(hashes: readonly string[], timeMs: number): Verdict;
  /** Whether an undo of a caller has been taken in and waits for its turn or a region: nothing of the caller is to be deleted meanwhile. */
  isToBeTakenBack(hashes: readonly string[]): boolean;
  /** The requests that name a caller, in the order of their intake. */
  ofCaller(hashes: readonly string[]): readonly RequestState[];
}

/** An entry that changed what followers of a request are told. */
export interface News {
  readonly number: number;
  /** RFC 3339. */
  readonly at: string;
  /** The step that it tells of; null: it tells of none. */
  readonly step: Pick<StepDone, 'step' | 'region'> | null;
}

/**
 * `none`: no request asks for it. `mark`: these are in force. `suppress`: the caller is erased, or about to be: it is not to be stored. While an undo
 * of the caller waits, it is `mark` for those too: what comes is stored, and not deleted before the undo has its turn.
 */
export type Verdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'mark'; readonly requestIds: readonly string[] }
  | { readonly kind: 'suppress'; readonly requestId: string };

const NONE: Verdict = { kind: 'none' };

export function emptyLedger(): LedgerState {
  const requests = new Map<string, RequestState>();
  /** A keyed hash to the ids of the requests that name it, in the order of their intake. */
  const byHash = new Map<string, string[]>();
  const lastNews = new Map<string, News>();
  const holds = noHolds();
  let last = 0;
  const put = (request: RequestState, entry: RequestEntry): void => {
    const { requestId } = request;
    if (isNews(requests.get(requestId), request)) {
      const isStep = entry.kind === 'intends' || entry.kind === 'did';
      const step = isStep ? { step: entry.step, region: entry.region } : null;
      lastNews.set(requestId, { number: last, at: entry.at, step });
    }
    requests.set(requestId, request);
  };

  const ofCaller = (hashes: readonly string[]): RequestState[] => {
    const ids = new Set(hashes.flatMap((hash) => byHash.get(hash) ?? []));
    return [...ids].flatMap((id) => requests.get(id) ?? []);
  };
  const noteCallers = ({ requestId, callers }: RequestState): void => {
    for (const hash of new Set(callers.flatMap(({ hashes }) => hashes))) {
      const ids = byHash.get(hash);
      if (ids === undefined) byHash.set(hash, [requestId]);
      else ids.push(requestId);
    }
  };
  /** An undo that begins is in force from that entry on: whatever forget of its callers was before it is over. */
  const supersede = (undo: RequestState, entry: RequestEntry): void => {
    const hashes = new Set(undo.callers.flatMap((caller) => caller.hashes));
    for (const earlier of ofCaller([...hashes])) {
      if (earlier.operation !== 'forgetme' || !earlier.hasBegun) continue;
      put(takeBack(earlier, hashes, entry.at), entry);
    }
  };

  return {
    get last() {
      return last;
    },
    requests,
    lastNews,
    holds,
    apply: (number, entry) => {
      if (number !== last + 1) throw new RangeError(`entry ${number} of a ledger does not come after ${last}`);
      last = number;
      if ('holdId' in entry) {
        holds.apply(entry);
        return;
      }
      const known = requests.get(entry.requestId);
      if (entry.kind === 'taken') {
        if (known !== undefined) return;
        const request = newRequest(entry);
        put(request, entry);
        noteCallers(request);
        return;
      }
      if (known === undefined) return;
      const next = nextRequest(known, entry);
      put(next, entry);
      if (next.operation === 'undoforget' && next.hasBegun && !known.hasBegun) supersede(next, entry);
    },
    judge: (hashes, timeMs) => {
      if (byHash.size === 0) return NONE;
      const marking: string[] = [];
      const ofThis = ofCaller(hashes);
      for (const request of ofThis) {
        if (timeMs > Date.parse(request.cutoff) || !names(request, hashes)) continue;
        if (isSuppressing(request) && !ofThis.some(isWaitingUndo))
          return { kind: 'suppress', requestId: request.requestId };
        if (isSuppressing(request) || isInForce(request)) marking.push(request.requestId);
      }
      return marking.length === 0 ? NONE : { kind: 'mark', requestIds: marking };
    },
    isToBeTakenBack: (hashes) => ofCaller(hashes).some(isWaitingUndo),
    ofCaller,
  };
}

const isWaitingUndo = (request: RequestState): boolean =>
  request.operation === 'undoforget' && !request.hasBegun && isUnderWay(request);

/** Whether a request asks for nothing of a caller any more, whatever comes. */
export const asksNoMore = (request: RequestState, hashes: readonly string[]): boolean =>
  request.phase === 'undone' || request.phase === 'failed' || !names(request, hashes);

/** Whether a request still asks for one of the callers. */
const names = ({ callers }: Pick<RequestState, 'callers'>, hashes: readonly string[]): boolean =>
  callers.some((caller) => !caller.isUndone && caller.hashes.some((hash) => hashes.includes(hash)));

/** The request whose turn it is: a tenant's go one at a time, in the order of their intake. */
export function headOf(state: LedgerState): RequestState | null {
  for (const request of state.requests.values()) if (isUnderWay(request)) return request;
  return null;
}

/** Callers of requests that are over whose numbers are still kept, although they are erased: by request, the indexes of its callers. */
export function erasedNumbers(state: LedgerState): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, ReadonlySet<number>>();
  for (const request of state.requests.values()) {
    if (!request.hasNumbers || !isOver(request)) continue;
    const indexes = request.callers.flatMap(({ hashes }, index) => (isErased(state, request, hashes) ? [index] : []));
    if (indexes.length > 0) found.set(request.requestId, new Set(indexes));
  }
  return found;
}

/** An export that was asked for after an erasure is about a caller who called again since: that erasure is not of its package. */
const isErased = (state: LedgerState, { operation, takenAt }: RequestState, hashes: readonly string[]): boolean =>
  state
    .ofCaller(hashes)
    .some(
      ({ phase, erasedAt, ...forget }) =>
        phase === 'erased' &&
        names(forget, hashes) &&
        (operation !== 'exportme' || Date.parse(erasedAt ?? takenAt) >= Date.parse(takenAt)),
    );

/**
 * Legal holds whose numbers are still kept and are not needed any more: they were released, or are over and their callers erased.
 * @param nowMs since the epoch. @returns their ids.
 */
export function heldNumbersToErase(state: LedgerState, nowMs: number): readonly string[] {
  const over = [...state.holds.all.values()].filter((hold) => hold.hasNumber && !isHoldInForce(hold, nowMs));
  return over
    .filter(
      ({ subject, releasedAt }) =>
        releasedAt !== null || (subject.kind === 'caller' && isForgotten(state, subject.hashes)),
    )
    .map(({ holdId }) => holdId);
}

const isForgotten = (state: LedgerState, hashes: readonly string[]): boolean =>
  state.ofCaller(hashes).some((request) => request.phase === 'erased' && names(request, hashes));
