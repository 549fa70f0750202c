import { erasedNumbers, type RequestState } from '@voicemail/domain';
import { eraseLeftover, eraseNumbers, reportNotErased } from '@voicemail/message-store';
import { nowText, type Turn } from './context.ts';
import { deleteThings } from './delete.ts';
import { findCallers, type CallerFinds } from './find-callers.ts';
import { LIST_BOUND_MS } from './limits.ts';
import { tell } from './tell.ts';
import { letterThing, messageThing } from './things.ts';

/**
 * The last steps of a forget whose callers had nothing left: whoever judges a deposit knows by now that it is not to be stored; what was stored
 * until then is found and goes, with what stopped attempts left; a search that finds nothing makes it erased, and the numbers go.
 */
export async function finishErasure(turn: Turn, request: RequestState): Promise<void> {
  const { stores, ledger } = turn;
  const place = { ledger, tenant: stores.tenant };
  const { requestId } = request;
  await turn.clock.sleep(LIST_BOUND_MS, turn.signal);
  while (await eraseFinds(turn, request, await findCallers(stores, request))) turn.signal.throwIfAborted();
  await tell(turn, place, { kind: 'erased', requestId, at: nowText(turn) });
  await forgetNumbers(turn);
}

/** Erases what was found of callers that are erased, or about to be. @returns whether there was anything: then another search follows. */
export async function eraseFinds(turn: Turn, request: RequestState, finds: readonly CallerFinds[]): Promise<boolean> {
  const { stores } = turn;
  const messages = finds.flatMap((found) => found.messages);
  const letters = finds.flatMap((found) => found.letters);
  const leftovers = finds.flatMap((found) => found.leftovers);
  for (const { name } of stores.regions) {
    const things = [
      ...messages.filter(({ region }) => region === name).map(messageThing),
      ...letters.filter(({ region }) => region === name).map(letterThing),
    ];
    if (things.length > 0) await deleteThings(turn, request, name, things, () => true);
  }
  for (const leftover of leftovers) {
    reportNotErased(turn, stores.tenant, await eraseLeftover(stores, leftover, nowText(turn)));
  }
  return messages.length + letters.length + leftovers.length > 0;
}

/** The numbers of erased callers leave this request's document, and that of every other request which is over. May be repeated. */
export async function forgetNumbers(turn: Turn): Promise<void> {
  const { stores, ledger } = turn;
  for (const [requestId, indexes] of erasedNumbers(ledger.state)) {
    const { isGone, notErased } = await eraseNumbers(stores, requestId, indexes);
    reportNotErased(turn, stores.tenant, notErased);
    if (isGone)
      await tell(turn, { ledger, tenant: stores.tenant }, { kind: 'numbers-erased', requestId, at: nowText(turn) });
  }
}
