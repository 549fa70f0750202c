import { isResting, type Found, type RequestState } from '@voicemail/domain';
import { nowText, type Turn } from './context.ts';
import { findCallers, type CallerFinds } from './find-callers.ts';
import { LIST_BOUND_MS } from './limits.ts';
import { markFinds } from './mark.ts';
import { tell } from './tell.ts';
import { unmarkFinds } from './unmark.ts';

/**
 * Carries a request that has begun to where it rests: a forget to `marked`, an undo to `undone`, an export to `exported`.
 * What changes something searches twice: whoever judged a deposit by an older
 * list of forgotten callers has written it by the second time. May be repeated from any point.
 * @throws RegionGone. StoreError, LogError: it goes on when that is over.
 */
export async function runRequest(turn: Turn, request: RequestState): Promise<void> {
  if (request.operation === 'exportme') return runExport(turn, request);
  const done = new Set<string>();
  const change = (finds: readonly CallerFinds[]): Promise<number> =>
    request.operation === 'undoforget' ? unmarkFinds(turn, request, finds) : markFinds(turn, request, finds, done);
  let changed = await change(await findCallers(turn.stores, request));
  await turn.clock.sleep(LIST_BOUND_MS, turn.signal);
  const finds = await findCallers(turn.stores, request);
  changed += await change(finds);
  const place = { ledger: turn.ledger, tenant: turn.stores.tenant };
  const entry = { requestId: request.requestId, at: nowText(turn), found: finds.map(countOf) };
  if (request.operation === 'undoforget') {
    await tell(turn, place, { kind: 'undone', ...entry });
    return;
  }
  const repeats = isOurs(request, finds) || changed > 0 ? null : repeated(turn, request);
  await tell(turn, place, { kind: 'marked', ...entry, ...(repeats === null ? {} : { repeats }) });
}

/** Counts alone: the package is made of the stores as they are when it is read, so nothing has to be found a second time. */
async function runExport(turn: Turn, request: RequestState): Promise<void> {
  const found = (await findCallers(turn.stores, request)).map(countOf);
  const place = { ledger: turn.ledger, tenant: turn.stores.tenant };
  await tell(turn, place, { kind: 'exported', requestId: request.requestId, at: nowText(turn), found });
}

export const countOf = ({ messages, letters }: CallerFinds): Found => ({
  messages: messages.length,
  deadLetters: letters.length,
});

/** Whether anything has its mark: an earlier attempt may have found what this one did not find anew. */
const isOurs = ({ requestId }: RequestState, finds: readonly CallerFinds[]): boolean =>
  finds.some(({ messages, letters }) =>
    [...messages, ...letters].some(({ forgetRequestIds = [] }) => forgetRequestIds.includes(requestId)),
  );

/** The earlier forget that is in force for every caller of a request which found nothing new; null where there is none. */
function repeated({ ledger }: Turn, request: RequestState): string | null {
  const hashes = request.callers.flatMap((caller) => caller.hashes);
  for (const earlier of ledger.state.ofCaller(hashes)) {
    if (earlier.requestId === request.requestId) return null;
    if (earlier.operation !== 'forgetme' || !(isResting(earlier.phase) || earlier.phase === 'erasing')) continue;
    const isOfAll = request.callers.every(({ hashes: own }) =>
      earlier.callers.some((caller) => !caller.isUndone && caller.hashes.some((hash) => own.includes(hash))),
    );
    if (isOfAll) return earlier.requestId;
  }
  return null;
}
