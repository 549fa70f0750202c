import {
  isHoldInForce,
  isStub,
  isSwept,
  lastToEnd,
  type Held,
  type HoldState,
  type RequestState,
} from '@voicemail/domain';
import {
  callerEntryOf,
  eraseMessage,
  messageFact,
  putVanishedStub,
  readHoldNumber,
  readMarkEntry,
  reportNotErased,
  soughtHashes,
  withdrawForward,
  type Mark,
} from '@voicemail/message-store';
import { nowText, type Turn } from './context.ts';
import type { CallerFinds } from './find-callers.ts';
import { MAX_LIST_AGE_MS, MAX_UNSETTLED, OWN_RULE_AFTER_MS } from './limits.ts';

/** Marks without their messages, as one run of the rule meets them. */
export interface Vanished {
  /**
   * Completes the deletion of a marked message that its store has lost: a lifecycle rule of the store's own deletes without a word to anybody. Its
   * stub is put, its fact is announced, so that the lamps follow, and what any store keeps of it is erased. What a forward was to bring marked, and
   * did not, is taken back so that its repetition still brings it. May be repeated. What is under a legal hold stands, and so does what is so young
   * that a forward may be about to bring its message: no rule of a store's own was there yet. Nothing that is there is deleted.
   * @throws StoreError.
   */
  settle(mark: Mark): Promise<void>;
  /**
   * What keeps a request of which nothing else is left from its erasure: the holds on all that stands of its callers, or `waits`: a later run settles
   * it. null: nothing of theirs stands.
   * @throws StoreError.
   */
  keeps(request: RequestState, finds: readonly CallerFinds[]): Promise<Held | 'waits' | null>;
}

/**
 * Whether a mark has no message: a store has lost that, it is still to come, its deletion stopped between the stub and the rest, or taking back a
 * forward stopped behind its claim.
 */
export const isVanished = ({ record }: Mark): boolean =>
  record === null || (isStub(record.value) && record.value.reason === 'forgetme') || isSwept(record.value);

interface Standing {
  readonly ref: Mark['ref'];
  /** null: none, or nobody can tell. */
  readonly hold: Held | null;
}

export function vanishedMarks(turn: Turn): Vanished {
  const { stores, ledger, clock } = turn;
  const standing: Standing[] = [];
  let areMore = false;
  const hashesOfHolds = new Map<string, readonly string[]>();
  /** Also under the keys of today: a hold keeps those of the day it was placed on. */
  const hashesOfHold = async (holdId: string, hashes: readonly string[]): Promise<readonly string[]> => {
    const known = hashesOfHolds.get(holdId);
    if (known !== undefined) return known;
    const all = [...hashes, ...soughtHashes(stores, await readHoldNumber(stores, holdId))];
    hashesOfHolds.set(holdId, all);
    return all;
  };
  const isOn = async ({ holdId, subject }: HoldState, ref: Mark['ref']): Promise<boolean | 'untold'> => {
    if (subject.kind === 'message') return subject.mailbox === ref.mailbox && subject.messageId === ref.messageId;
    const entry = await callerEntryOf(stores, await hashesOfHold(holdId, subject.hashes), ref);
    return entry === 'untold' ? entry : entry !== null;
  };
  const holdOn = async (ref: Mark['ref']): Promise<Held | 'untold' | null> => {
    const holds: Held[] = [];
    let isUntold = false;
    for (const hold of ledger.state.holds.all.values()) {
      if (!isHoldInForce(hold, clock.now())) continue;
      const is = await isOn(hold, ref);
      if (is === true) holds.push(hold);
      isUntold ||= is === 'untold';
    }
    return lastToEnd(holds) ?? (isUntold ? 'untold' : null);
  };
  /** What of it stands all the same; null: it is settled. */
  const left = async (mark: Mark): Promise<Pick<Standing, 'hold'> | null> => {
    await ledger.within(MAX_LIST_AGE_MS);
    const hold = await holdOn(mark.ref);
    if (hold !== null) return { hold: hold === 'untold' ? null : hold };
    return (await isSettled(turn, mark)) ? null : { hold: null };
  };
  return {
    settle: async (mark) => {
      let stands: Pick<Standing, 'hold'> | null = { hold: null };
      try {
        stands = await left(mark);
      } finally {
        if (stands !== null && standing.length < MAX_UNSETTLED) standing.push({ ref: mark.ref, ...stands });
        else if (stands !== null) areMore = true;
      }
    },
    keeps: async ({ callers, cutoff }, finds) => {
      const asked = callers.flatMap(({ hashes, isUndone }, index) =>
        isUndone ? [] : [...hashes, ...(finds[index]?.hashes ?? [])],
      );
      const holds: Held[] = [];
      let isWaiting = areMore;
      for (const { ref, hold } of standing) {
        const entry = await callerEntryOf(stores, asked, ref);
        if (entry === null || (entry !== 'untold' && Date.parse(entry.time) > Date.parse(cutoff))) continue;
        if (entry === 'untold' || hold === null) isWaiting = true;
        else holds.push(hold);
      }
      return isWaiting ? 'waits' : lastToEnd(holds);
    },
  };
}

/**
 * Settles a mark that no hold is on. A forward writes the entry of its copy's mark before the copy, and says when that is there: only what was there
 * is completed. Where the master finds by tags there is no entry, and the mark comes and goes with the message.
 * @returns false where it is not yet time, or something is there by now.
 */
async function isSettled(turn: Turn, { ref, record }: Mark): Promise<boolean> {
  const { stores, clock } = turn;
  const isStubbed = record !== null && !isSwept(record.value);
  if (isStubbed || stores.master.store.capabilities.tagSearch) return complete(turn, ref);
  const entry = await readMarkEntry(stores, ref);
  if (entry === null || clock.now() - Date.parse(entry.value.notedAt) < OWN_RULE_AFTER_MS) return false;
  return record !== null || entry.value.isAwaited === true ? takeBack(turn, ref) : complete(turn, ref);
}

/** The forward was never told to be done: no fact tells of this. @returns false where there is something by now: then nothing is done. */
async function takeBack(turn: Turn, ref: Mark['ref']): Promise<boolean> {
  const { stores } = turn;
  const { standing, notErased } = await withdrawForward(stores, ref, nowText(turn));
  reportNotErased(turn, stores.tenant, notErased);
  return standing === null;
}

/** @returns false where there is something by now: then nothing is done. */
async function complete(turn: Turn, ref: Mark['ref']): Promise<boolean> {
  const { stores, log, logger } = turn;
  const put = await putVanishedStub(stores, ref, nowText(turn));
  if (put === null) return false;
  const { stub, notErased } = put;
  logger.info({ tenant: stores.tenant, ...ref }, 'a marked message was gone from its store: its deletion is completed');
  await log.append([messageFact(stub, 'deleted', {})]);
  const left = await eraseMessage(stores, { changed: true, record: stub, media: null, mayBeMarked: true });
  reportNotErased(turn, stores.tenant, [...notErased, ...left.notErased]);
  return true;
}
