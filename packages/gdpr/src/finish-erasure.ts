import { erasedNumbers, heldNumbersToErase, type Held, type RequestState } from '@voicemail/domain';
import {
  eraseHoldNumber,
  eraseLeftover,
  eraseNumbers,
  messageFact,
  putLeftoverStub,
  reportNotErased,
} from '@voicemail/message-store';
import { appendEntry } from './append-entry.ts';
import { nowText, type Turn } from './context.ts';
import { deleteThings, type MayDelete } from './delete.ts';
import { findCallers, type CallerFinds } from './find-callers.ts';
import { heldCallers, holdOnMessage, holdOnRequest, letterHolds } from './held.ts';
import { MAX_LIST_AGE_MS } from './limits.ts';
import { tell } from './tell.ts';
import { letterThing, messageThing } from './things.ts';

/**
 * The last steps of a forget whose callers had nothing left, begun when whoever judges a deposit knows that it is not to be stored: what was stored
 * until then is found and goes, with what stopped attempts left; a search that finds nothing makes it erased, and the numbers go. What a legal hold
 * came to meanwhile stays, and then the request is held. Where an undo came meanwhile, nothing is told: it has its turn first.
 */
export async function finishErasure(turn: Turn, request: RequestState): Promise<void> {
  const { stores, ledger } = turn;
  const place = { ledger, tenant: stores.tenant };
  const { requestId } = request;
  const erase = async (): ReturnType<typeof eraseFinds> =>
    eraseFinds(turn, request, await findCallers(stores, request));
  let outcome = await erase();
  for (; outcome === 'again'; outcome = await erase()) turn.signal.throwIfAborted();
  if (outcome === 'undo waits') return;
  if (outcome !== 'clean') {
    await tell(turn, place, { kind: 'held', requestId, at: nowText(turn), until: outcome.until });
    return;
  }
  await tell(turn, place, { kind: 'erased', requestId, at: nowText(turn) });
  await forgetNumbers(turn);
}

/**
 * Erases what was found of callers that are erased, or about to be, and is not under a legal hold; nothing while an undo of one of them waits.
 * @returns `again` where there was anything: then another search follows. `clean`: nothing is left. The hold, where it keeps all that is left.
 */
export async function eraseFinds(
  turn: Turn,
  request: RequestState,
  finds: readonly CallerFinds[],
): Promise<'again' | 'clean' | 'undo waits' | Held> {
  const { stores, ledger } = turn;
  await ledger.within(MAX_LIST_AGE_MS);
  const hashes = request.callers.flatMap((caller) => caller.hashes);
  if (ledger.state.isToBeTakenBack(hashes)) return 'undo waits';
  const nowMs = turn.clock.now();
  const isHeld = letterHolds(turn, request, nowMs, finds);
  const mayDelete: MayDelete = {
    message: (message) => !ledger.state.isToBeTakenBack(hashes) && holdOnMessage(turn, message, nowMs) === null,
    letter: (id) => !ledger.state.isToBeTakenBack(hashes) && !isHeld(id),
  };
  const messages = finds.flatMap((found) => found.messages).filter(mayDelete.message);
  const letters = finds.flatMap((found) => found.letters).filter(({ id }) => mayDelete.letter(id));
  const held = heldCallers(turn, request, nowMs, finds);
  const leftovers = finds.flatMap((found, index) => (held.has(index) ? [] : found.leftovers));
  for (const { name } of stores.regions) {
    const things = [
      ...messages.filter(({ region }) => region === name).map(messageThing),
      ...letters.filter(({ region }) => region === name).map(letterThing),
    ];
    if (things.length > 0) await deleteThings(turn, request, name, things, mayDelete);
  }
  for (const leftover of leftovers) {
    const put = await putLeftoverStub(stores, leftover, nowText(turn));
    if (put !== null) await turn.log.append([messageFact(put.stub, 'deleted', {})]);
    const left = await eraseLeftover(stores, leftover);
    reportNotErased(turn, stores.tenant, [...(put?.notErased ?? []), ...left]);
  }
  if (messages.length + letters.length + leftovers.length > 0) return 'again';
  return holdOnRequest(turn, request, finds, nowMs) ?? 'clean';
}

/**
 * The numbers of erased callers leave this request's document, that of every other request which is over, and that of every legal hold which is over;
 * of a hold that was released the number goes in any case. May be repeated.
 */
export async function forgetNumbers(turn: Turn): Promise<void> {
  const { stores, ledger } = turn;
  for (const [requestId, indexes] of erasedNumbers(ledger.state)) {
    const { isGone, notErased } = await eraseNumbers(stores, requestId, indexes);
    reportNotErased(turn, stores.tenant, notErased);
    if (isGone)
      await tell(turn, { ledger, tenant: stores.tenant }, { kind: 'numbers-erased', requestId, at: nowText(turn) });
  }
  for (const holdId of heldNumbersToErase(ledger.state, turn.clock.now())) {
    reportNotErased(turn, stores.tenant, await eraseHoldNumber(stores, holdId));
    await appendEntry(turn, ledger, { kind: 'hold-number-erased', holdId, at: nowText(turn) }, () => undefined);
  }
}
