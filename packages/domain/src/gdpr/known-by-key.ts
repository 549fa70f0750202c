import type { CallerKey } from './ledger-entry.ts';
import type { LedgerState } from './ledger-state.ts';
import { isOver, type RequestState } from './request-state.ts';

/** How much of a ledger knows its callers by certain caller-hash keys, and would not know them any more without. */
export interface KnownByKey {
  /** Legal holds on callers, in force or with a number that is still kept. */
  readonly holds: number;
  /** Requests that are not over, or whose numbers are still kept. */
  readonly requests: number;
  /** Forgets that have erased a caller: what comes late is not stored. */
  readonly erasures: number;
}

/**
 * What of a ledger is in force for callers that are known by certain keys.
 * @param isBy tells it of the keys that a caller's hashes are under; `undefined` where the entry does not name them.
 */
export function knownByKey(state: LedgerState, isBy: (keyIds: CallerKey['keyIds']) => boolean): KnownByKey {
  // A hold that is in force keeps its number.
  const holds = [...state.holds.all.values()].filter(
    ({ subject, hasNumber }) => subject.kind === 'caller' && hasNumber && isBy(subject.keyIds),
  );
  const requests = [...state.requests.values()];
  const isErasure = ({ phase, callers }: RequestState): boolean =>
    phase === 'erased' && callers.some(({ isUndone, keyIds }) => !isUndone && isBy(keyIds));
  const isGoingOn = (request: RequestState): boolean =>
    (request.hasNumbers || !isOver(request)) && request.callers.some(({ keyIds }) => isBy(keyIds));
  return {
    holds: holds.length,
    requests: requests.filter((request) => !isErasure(request) && isGoingOn(request)).length,
    erasures: requests.filter(isErasure).length,
  };
}
