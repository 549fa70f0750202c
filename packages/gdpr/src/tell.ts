import { gdprStatusRecord, type GdprStatusData } from '@voicemail/contracts';
import type { LedgerState, News, RequestEntry, RequestState } from '@voicemail/domain';
import { LogError } from '@voicemail/event-log';
import type { Ledger } from '@voicemail/message-store';
import { appendEntry } from './append-entry.ts';
import type { GdprContext } from './context.ts';
import { MAX_TOLD_AT_ONCE } from './limits.ts';
import { allTold, notTold, untold } from './news.ts';

const SOURCE = '/voicemail/gdpr-saga';

/** What a request is said to be from outside; what is being erased is still marked. */
export const statusOf = ({ phase }: Pick<RequestState, 'phase'>): GdprStatusData['status'] => {
  if (phase === 'waiting') return 'waiting-for-region';
  return phase === 'erasing' ? 'marked' : phase;
};

type TellContext = Pick<GdprContext, 'log' | 'clock' | 'ids' | 'toldOf'>;
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
  if (lastNews.get(requestId) !== before)
    await announce(context, place, [after, ...takenBackBy(place.ledger.state, after)]);
  return after;
}

/** The forgets of which the same entry is news: an undo has ended them as it began. */
function takenBackBy(state: LedgerState, { requestId, operation, callers }: RequestState): readonly RequestState[] {
  if (operation !== 'undoforget') return [];
  const numberOf = (id: string): number | undefined => state.lastNews.get(id)?.number;
  const hashes = callers.flatMap((caller) => caller.hashes);
  return state
    .ofCaller(hashes)
    .filter((one) => one.requestId !== requestId && numberOf(one.requestId) === numberOf(requestId));
}

/**
 * Says on the log where those requests are of which that was not said, or may not have been: whoever wrote an entry may have died before it told, and
 * the log may not have been there. What cannot be told now is told later. For who has the tenant's lease: no other tells what is news meanwhile.
 */
export async function tellUntold(context: TellContext & Pick<GdprContext, 'logger'>, place: Place): Promise<void> {
  const { state } = place.ledger;
  const { last } = state;
  const told = context.toldOf(place.tenant);
  told.isOwed = false;
  try {
    const ids = untold(told, state);
    for (let at = 0; at < ids.length; at += MAX_TOLD_AT_ONCE) {
      const batch = ids.slice(at, at + MAX_TOLD_AT_ONCE).flatMap((id) => state.requests.get(id) ?? []);
      await announce(context, place, batch);
    }
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    context.logger.warn({ err: error, tenant: place.tenant }, 'where GDPR requests are is told later');
  }
  if (!told.isOwed) allTold(told, last);
}

/** @throws LogError. */
async function announce(
  { log, toldOf }: TellContext,
  { ledger, tenant }: Place,
  requests: readonly RequestState[],
): Promise<void> {
  const told = toldOf(tenant);
  const news = requests.flatMap((request) => {
    const of = ledger.state.lastNews.get(request.requestId);
    return of === undefined ? [] : [{ request, of }];
  });
  for (const { request, of } of news) told.since.set(request.requestId, of.number);
  try {
    await log.append(news.map(({ request, of }) => statusRecord(tenant, request, of)));
  } catch (error) {
    for (const { request, of } of news) notTold(told, request.requestId, of.number);
    throw error;
  }
}

/** Made of what stands in the ledger alone, and named by the number of the entry: the same news is the same event. */
function statusRecord(tenant: string, request: RequestState, news: News): ReturnType<typeof gdprStatusRecord> {
  const { requestId, operation, regions, waitsFor, reason } = request;
  const { at, number } = news;
  const step = stepOf(request, news);
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
function stepOf({ phase, steps }: RequestState, { step: of }: News): RequestState['steps'][number] | undefined {
  if (phase === 'waiting') return undefined;
  if (of !== null) return steps.find(({ step, region }) => step === of.step && region === of.region);
  return phase === 'running' ? steps.at(-1) : undefined;
}
