import { asksNoMore, isMarked, isStub, type Metadata, type RequestState } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';
import {
  messageFact,
  readMessage,
  reportNotErased,
  settleMarkEntry,
  unmarkDeadLetter,
  unmarkMessage,
  type DeadLetterDocument,
} from '@voicemail/message-store';
import { nowText, type Turn } from './context.ts';
import { hashesOf, type CallerFinds } from './find-callers.ts';
import { inRegion, type Done } from './in-region.ts';
import { letterThing, messageThing } from './things.ts';

/** Takes back every mark of what was found: those whose recordings lie in the master region first. @returns how many things were marked. */
export async function unmarkFinds(turn: Turn, request: RequestState, finds: readonly CallerFinds[]): Promise<number> {
  const messages = finds.flatMap((found) => found.messages).filter(isMarked);
  const letters = finds.flatMap((found) => found.letters).filter(({ forgetMarkedAt }) => forgetMarkedAt !== undefined);
  const homes = new Map(letters.map((letter) => [letter.id, letter]));
  let unmarked = 0;
  for (const { name } of turn.stores.regions) {
    const things = [
      ...messages.filter(({ region }) => region === name).map(messageThing),
      ...letters.filter(({ region }) => region === name).map(letterThing),
    ];
    unmarked += await inRegion(turn, request, { step: 'unmark', region: name }, things, (thing, isResumed) =>
      thing.kind === 'dead-letter' ? unmarkLetter(turn, homes.get(thing.id), isResumed) : unmark(turn, thing),
    );
  }
  return unmarked;
}

/** One that is resumed is unmarked, and so not found any more, where an earlier attempt did it. */
async function unmarkLetter(turn: Turn, letter: DeadLetterDocument | undefined, isResumed: boolean): Promise<Done> {
  return { changed: letter === undefined ? isResumed : await unmarkDeadLetter(turn.stores, letter), facts: [] };
}

/**
 * The requests whose marks of a message are to be taken back: all that ask for it no more. Of one that is not known to be over for good the ledger is
 * asked after the marks were read: a worker that lost its lease unawares would take back the mark of a request that was made since.
 */
export async function marksToTakeBack(
  { ledger, stores }: Pick<Turn, 'ledger' | 'stores'>,
  message: Metadata,
): Promise<readonly string[]> {
  const { forgetRequestIds: ids = [] } = message;
  const hashes = hashesOf(stores, message);
  const isOver = (id: string): boolean => {
    const request = ledger.state.requests.get(id);
    return request !== undefined && asksNoMore(request, hashes);
  };
  if (ids.every(isOver)) return ids;
  await ledger.refresh();
  const verdict = ledger.state.judge(hashes, Date.parse(message.time));
  if (verdict.kind === 'none') return ids;
  return ids.filter((id) => isOver(id) || (verdict.kind === 'mark' && !verdict.requestIds.includes(id)));
}

/** Takes back every mark of a message that no request asks for. */
export async function unmark(
  turn: Turn,
  { mailbox, messageId }: { readonly mailbox: string; readonly messageId: string },
): Promise<Done> {
  const { stores } = turn;
  const standing = (await readMessage(stores, mailbox, messageId))?.value;
  const facts: NewRecord[] = [];
  for (const requestId of standing === undefined ? [] : await marksToTakeBack(turn, standing)) {
    const outcome = await unmarkMessage(stores, mailbox, messageId, requestId, nowText(turn));
    if (outcome === null) continue;
    reportNotErased(turn, stores.tenant, outcome.notErased);
    if (!isStub(outcome.record) && outcome.fact !== null) facts.push(messageFact(outcome.record, outcome.fact, {}));
  }
  // One that an earlier attempt unmarked and did not announce.
  if (standing !== undefined && !isMarked(standing)) {
    facts.push(messageFact(standing, 'forget-unmarked', {}));
    reportNotErased(turn, stores.tenant, await settleMarkEntry(stores, { mailbox, messageId }));
  }
  return { changed: facts.length > 0, facts };
}
