import {
  isDue,
  isMarked,
  isStub,
  type MessageRecord,
  type Metadata,
  type RequestState,
  type RuleTime,
} from '@voicemail/domain';
import {
  deleteMessage,
  eraseMessage,
  eraseStaged,
  messageFact,
  readDeadLetter,
  removeDeadLetter,
  removeLetterEntries,
  reportNotErased,
} from '@voicemail/message-store';
import { nowText, type GdprContext, type Turn } from './context.ts';
import { hashesOf } from './find-callers.ts';
import { holdOnMessage } from './held.ts';
import { inRegion, type Done } from './in-region.ts';
import { MAX_LIST_AGE_MS } from './limits.ts';
import type { Thing } from './things.ts';

/**
 * Deletes things of a request in one region: a message's stub first, then its fact, then its recording and what the stores keep of it. A message
 * goes only if it is asked for at that very moment: an agent may have read it since it was found.
 * @param mayDelete asked of each as it is deleted, when this process knows every legal hold that is older than some seconds.
 * @param gone hears of each message that is deleted, recording and all, or was so already.
 */
export function deleteThings(
  turn: Turn & Pick<GdprContext, 'metrics'>,
  request: RequestState,
  region: string,
  things: readonly string[],
  mayDelete: MayDelete,
  gone: Gone = () => undefined,
): Promise<number> {
  return inRegion(turn, request, { step: 'delete', region }, things, (thing, isResumed) =>
    thing.kind === 'dead-letter'
      ? removeLetter(turn, request, thing.id, isResumed, mayDelete)
      : deleteOne(turn, thing, isResumed, { mayDelete, gone }),
  );
}

/** @param isNew something of it was still there. */
type Gone = (message: MessageRecord, isNew: boolean) => void;

export interface MayDelete {
  readonly message: (message: Metadata) => boolean;
  /** @param id of a dead letter. */
  readonly letter: (id: string) => boolean;
}

/** Whether the rule deletes a message: a request in force asks for it and it is due, or its caller is erased; and no legal hold keeps it. */
export function isToDelete({ ledger, stores }: Pick<Turn, 'ledger' | 'stores'>, time: RuleTime) {
  return (message: Metadata): boolean => {
    const hashes = hashesOf(stores, message);
    const verdict = ledger.state.judge(hashes, Date.parse(message.time));
    if (holdOnMessage({ ledger, stores }, message, time.nowMs) !== null) return false;
    if (verdict.kind === 'suppress') return true;
    if (verdict.kind !== 'mark' || !isMarked(message) || !isDue(message, time)) return false;
    return !ledger.state.isToBeTakenBack(hashes);
  };
}

async function deleteOne(
  turn: Turn,
  { mailbox, messageId }: Extract<Thing, { kind: 'message' }>,
  isResumed: boolean,
  { mayDelete, gone }: { readonly mayDelete: MayDelete; readonly gone: Gone },
): Promise<Done> {
  const { stores, ledger } = turn;
  await ledger.within(MAX_LIST_AGE_MS);
  const deleted = await deleteMessage(stores, mailbox, messageId, 'forgetme', nowText(turn), mayDelete.message);
  // Deleted for another reason meanwhile: that is announced, and erased, by whoever did it.
  const isOthers = deleted !== null && isStub(deleted.record) && deleted.record.reason !== 'forgetme';
  if (deleted === null || isOthers) return { changed: false, facts: [] };
  return {
    changed: deleted.changed || isResumed,
    facts: [messageFact(deleted.record, 'deleted', {})],
    after: async () => {
      const { removed, notErased } = await eraseMessage(stores, deleted);
      reportNotErased(turn, stores.tenant, notErased);
      gone(deleted.record, deleted.changed || removed);
    },
  };
}

async function removeLetter(
  turn: Turn,
  { callers }: RequestState,
  id: string,
  isResumed: boolean,
  mayDelete: MayDelete,
): Promise<Done> {
  const { stores, ledger } = turn;
  await ledger.within(MAX_LIST_AGE_MS);
  if (!mayDelete.letter(id)) return { changed: false, facts: [] };
  const home = { tenant: stores, deployment: stores.master.store };
  const letter = await readDeadLetter(home, id);
  if (letter === null) {
    const hashes = callers.flatMap((caller) => caller.hashes);
    if (isResumed) reportNotErased(turn, stores.tenant, await removeLetterEntries(stores, id, hashes));
    return { changed: isResumed, facts: [] };
  }
  // The record may name an object that was staged for it: a replay needs both, and both are the caller's.
  if (letter.stagedKey !== null) reportNotErased(turn, stores.tenant, await eraseStaged(stores, letter.stagedKey));
  reportNotErased(turn, stores.tenant, await removeDeadLetter(home, letter));
  return { changed: true, facts: [] };
}
