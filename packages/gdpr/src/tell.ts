import { gdprStatusRecord, type GdprStatusData } from '@voicemail/contracts';
import type { RequestEntry, RequestState } from '@voicemail/domain';
import type { Ledger } from '@voicemail/message-store';
import { appendEntry } from './append-entry.ts';
import type { GdprContext } from './context.ts';

const SOURCE = '/voicemail/gdpr-saga';

/** What a request is said to be from outside; what is being erased is still marked. */
export const statusOf = ({ phase }: Pick<RequestState, 'phase'>): GdprStatusData['status'] => {
  if (phase === 'waiting') return 'waiting-for-region';
  return phase === 'erasing' ? 'marked' : phase;
};

/**
 * Appends an entry to the ledger, after whatever others append meanwhile, and says on the log where its request is then. Its fold decides what the
 * entry is worth: an overtaken worker's changes nothing.
 * @throws StoreError where the ledger cannot be written. LogError: the entry is there by then.
 */
export async function tell(
  context: Pick<GdprContext, 'log' | 'clock' | 'ids'>,
  { ledger, tenant }: { readonly ledger: Ledger; readonly tenant: string },
  entry: RequestEntry,
): Promise<RequestState> {
  const standing = (): RequestState | undefined => ledger.state.requests.get(entry.requestId);
  const before = await appendEntry(context, ledger, entry, standing);
  const after = standing();
  if (after === undefined) throw new TypeError('an entry of a request that was never taken in');
  if (isNews(before, after)) await announce(context.log, tenant, { request: after, entry, number: ledger.state.last });
  return after;
}

/** Also each batch of a long step: whoever waits sees that it goes on. */
const isNews = (before: RequestState | undefined, after: RequestState): boolean =>
  before === undefined ||
  before.phase !== after.phase ||
  before.heldUntil !== after.heldUntil ||
  before.waitsFor.join() !== after.waitsFor.join() ||
  before.steps.length !== after.steps.length ||
  changedBy(before) !== changedBy(after);

const changedBy = ({ steps }: RequestState): number => steps.reduce((sum, { changed }) => sum + changed, 0);

interface News {
  readonly request: RequestState;
  readonly entry: RequestEntry;
  readonly number: number;
}

async function announce(log: GdprContext['log'], tenant: string, { request, entry, number }: News): Promise<void> {
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
  // The entry's number makes the same news the same event.
  await log.append([gdprStatusRecord(data, { id: `${tenant}/${requestId}/${number}`, source: SOURCE, time: at })]);
}

/** What is being done: where the news is of a step that one, else, while it runs, the last. While it waits the region is one that is waited for. */
function stepOf({ phase, steps }: RequestState, entry: RequestEntry): RequestState['steps'][number] | undefined {
  if (phase === 'waiting') return undefined;
  if (entry.kind === 'intends' || entry.kind === 'did')
    return steps.find(({ step, region }) => step === entry.step && region === entry.region);
  return phase === 'running' ? steps.at(-1) : undefined;
}
