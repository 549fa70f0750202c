import { gdprStatusRecord, type GdprStatusData } from '@voicemail/contracts';
import type { LedgerState, RequestEntry, RequestState } from '@voicemail/domain';
import { LogError } from '@voicemail/event-log';
import type { Ledger } from '@voicemail/message-store';
import { appendEntry } from './append-entry.ts';
import type { GdprContext } from './context.ts';
import { allTold, notTold, untold } from './news.ts';

const SOURCE = '/voicemail/gdpr-saga';

/** What a request is said to be from outside; what is being erased is still marked. */
export const statusOf = ({ phase }: Pick<RequestState, 'phase'>): GdprStatusData['status'] => {
  if (phase === 'waiting') return 'waiting-for-region';
  return phase === 'erasing' ? 'marked' : phase;
};

type TellContext = Pick<GdprContext, 'log' | 'clock' | 'ids' | 'newsOf'>;
interface Place {
  readonly ledger: Ledger;
  readonly tenant: string;
}

/**
 * Appends an entry to the ledger, after whatever others append meanwhile, and says on the log where its request is then, and where those are that
 * it has taken back. Its fold decides what the entry is worth: an overtaken worker's changes nothing.
 * @throws StoreError where the ledger cannot be written. LogError: the entry is there by then, and is told by `tellUntold`.
 */
export async function tell(context: TellContext, place: Place, entry: RequestEntry): Promise<RequestState> {
  const { requests, lastNews } = place.ledger.state;
  const { requestId } = entry;
  const before = await appendEntry(context, place.ledger, entry, () => lastNews.get(requestId));
  const after = requests.get(requestId);
  if (after === undefined) throw new TypeError('an entry of a request that was never taken in');
  if (lastNews.get(requestId) !== before) {
    await announce(context, place, after, entry);
    for (const forget of takenBackBy(place.ledger.state, after)) await announce(context, place, forget, null);
  }
  return after;
}

/** The forgets of which the same entry is news: an undo has ended them as it began. */
function takenBackBy(state: LedgerState, { requestId, operation, callers }: RequestState): readonly RequestState[] {
  if (operation !== 'undoforget') return [];
  const number = state.lastNews.get(requestId);
  const hashes = callers.flatMap((caller) => caller.hashes);
  return state
    .ofCaller(hashes)
    .filter((one) => one.requestId !== requestId && state.lastNews.get(one.requestId) === number);
}

/**
 * Says on the log where those requests are of which that was not said, or may not have been: whoever wrote an entry may have died before it told, and
 * the log may not have been there. What cannot be told now is told later.
 */
export async function tellUntold(context: TellContext & Pick<GdprContext, 'logger'>, place: Place): Promise<void> {
  const { state } = place.ledger;
  const { last } = state;
  const news = context.newsOf(place.tenant);
  try {
    for (const id of untold(news, state)) {
      const request = state.requests.get(id);
      if (request !== undefined) await announce(context, place, request, null);
    }
    allTold(news, last);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    context.logger.warn({ err: error, tenant: place.tenant }, 'where GDPR requests are is told later');
  }
}

/** @param entry that has just changed it; null: it is told where it is. */
async function announce(
  { log, newsOf }: TellContext,
  { ledger, tenant }: Place,
  request: RequestState,
  entry: RequestEntry | null,
): Promise<void> {
  const news = newsOf(tenant);
  const number = ledger.state.lastNews.get(request.requestId) ?? ledger.state.last;
  news.since.set(request.requestId, number);
  try {
    // The entry's number makes the same news the same event.
    await log.append([statusRecord(tenant, request, entry, number)]);
  } catch (error) {
    notTold(news, request.requestId, number);
    throw error;
  }
}

function statusRecord(
  tenant: string,
  request: RequestState,
  entry: RequestEntry | null,
  number: number,
): ReturnType<typeof gdprStatusRecord> {
  const { requestId, operation, updatedAt: at, regions, waitsFor, reason } = request;
  const step = stepOf(request, entry);
  const named = request.phase === 'waiting' ? waitsFor : regions;
  const messages = request.callers.every(({ found }) => found === null)
    ? undefined
    : request.callers.reduce((sum, { found }) => sum + (found?.messages ?? 0), 0);
  const data: GdprStatusData = {
    tenant,
    requestId,
    operation,
    status: statusOf(request),
    ...(step === undefined ? {} : { step: step.step, region: step.region, changed: step.changed }),
    ...(named.length === 0 ? {} : { regions: [...named] }),
    ...(request.phase === 'waiting' && waitsFor[0] !== undefined ? { region: waitsFor[0] } : {}),
    ...(messages === undefined ? {} : { messages }),
    ...(request.phase === 'held' ? { heldUntil: request.heldUntil } : {}),
    ...(reason === null ? {} : { reason }),
    at,
  };
  return gdprStatusRecord(data, { id: `${tenant}/${requestId}/${number}`, source: SOURCE, time: at });
}

/** What is being done: where the news is of a step that one, else, while it runs, the last. While it waits the region is one that is waited for. */
function stepOf({ phase, steps }: RequestState, entry: RequestEntry | null): RequestState['steps'][number] | undefined {
  if (phase === 'waiting') return undefined;
  if (entry?.kind === 'intends' || entry?.kind === 'did')
    return steps.find(({ step, region }) => step === entry.step && region === entry.region);
  return phase === 'running' ? steps.at(-1) : undefined;
}
