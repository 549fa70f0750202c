import {
  isDue,
  isInForce,
  isMarked,
  isOver,
  isResting,
  isStub,
  type Metadata,
  type RequestState,
  type RuleTime,
  type Verdict,
} from '@voicemail/domain';
import { findRegion, listMarked, listMarks, type TenantStores } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import { nowText, type GdprContext, type Turn } from './context.ts';
import { deleteThings, isToDelete } from './delete.ts';
import { findCallers, hashesOf } from './find-callers.ts';
import { forgetNumbers } from './finish-erasure.ts';
import { heldCallers, holdOnRequest, letterHolds } from './held.ts';
import { markFinds } from './mark.ts';
import { isRegionGone, RegionGone } from './region-gone.ts';
import { searchErased, type Searches } from './search-again.ts';
import { tell } from './tell.ts';
import { letterThing, messageThing, parseThing } from './things.ts';
import { unmark } from './unmark.ts';
import { isVanished, vanishedMarks, type Vanished } from './vanished.ts';

/** What a run deleted, or would. */
export interface RuleOutcome {
  readonly deleted: readonly DeletedMessage[];
  /** Marked messages that are not due yet, held, or in a region that cannot be reached. */
  readonly kept: number;
}

export interface DeletedMessage {
  readonly tenant: string;
  readonly mailbox: string;
  readonly messageId: string;
  /** That of the recording. */
  readonly region: string;
}

/** What a run at a time would delete. Changes nothing. */
export async function previewRule(
  { ledgers }: Pick<GdprContext, 'ledgers'>,
  stores: TenantStores,
  time: RuleTime,
): Promise<RuleOutcome> {
  const ledger = ledgers(stores);
  await ledger.refresh();
  const toDelete = isToDelete({ ledger, stores }, time);
  const deleted: DeletedMessage[] = [];
  let kept = 0;
  for await (const { value: message } of listMarked(stores)) {
    if (findRegion(stores, message.region) !== null && toDelete(message)) deleted.push(deletedOf(message));
    else if (ledger.state.judge(hashesOf(stores, message), Date.parse(message.time)).kind !== 'none') kept += 1;
  }
  return { deleted, kept };
}

const deletedOf = ({ tenant, mailbox, messageId, region }: DeletedMessage): DeletedMessage => ({
  tenant,
  mailbox,
  messageId,
  region,
});

/**
 * Runs the deletion rule over a tenant once (CONTRACT section 5): deletes what is marked by a request in force and due, takes back marks that no
 * request asks for, marks what came late, and has a request whose callers have nothing left go on to its erasure. What is under a legal hold stays,
 * also beyond the hard deadline; a request of which nothing else is left is held. What it costs follows what is marked. A region that fails holds
 * up nothing that lies in the others.
 */
export async function runRule(turn: Turn, time: RuleTime, searches: Searches): Promise<RuleOutcome> {
  const { stores, ledger } = turn;
  const toDelete = isToDelete(turn, time);
  /** Things to delete, by request and then by region. */
  const due = new Map<string, Map<string, string[]>>();
  const plan = (requestId: string, region: string, ...things: readonly string[]): void => {
    const ofRequest = due.get(requestId) ?? new Map<string, string[]>();
    due.set(requestId, ofRequest);
    const ofRegion = ofRequest.get(region) ?? [];
    ofRequest.set(region, ofRegion);
    ofRegion.push(...things);
  };
  /** By their names: marked and asked for, but not due, or in a region that is gone. */
  const kept = new Set<string>();
  const vanished = vanishedMarks(turn);
  const deleted: DeletedMessage[] = [];
  /** By their names: those of which nothing is left; and those whose marks were met, which go with the last of them. */
  const [gone, met] = [new Set<string>(), new Set<string>()];
  for (const { requestId, intents } of ledger.state.requests.values()) {
    for (const { step, region, things } of intents) if (step === 'delete') plan(requestId, region, ...things);
  }
  for await (const mark of listMarks(stores)) {
    met.add(messageThing(mark.ref));
    if (isVanished(mark)) await passOver(turn, null, () => vanished.settle(mark));
    const message = mark.record?.value;
    if (message === undefined || isStub(message) || !isMarked(message)) continue;
    const { region } = message;
    const verdict = ledger.state.judge(hashesOf(stores, message), Date.parse(message.time));
    if (findRegion(stores, region) === null) {
      await failAll(turn, verdict, new RegionGone(region));
      if (verdict.kind !== 'none') kept.add(messageThing(message));
    } else if (verdict.kind === 'none') await passOver(turn, region, () => takeBack(turn, message));
    else if (!toDelete(message)) kept.add(messageThing(message));
    else {
      plan(verdict.kind === 'suppress' ? verdict.requestId : verdict.requestIds[0]!, region, messageThing(message));
    }
  }
  for (const [requestId, regions] of due) {
    const request = ledger.state.requests.get(requestId);
    if (request === undefined) continue;
    // Of dead letters there are only those here that a stopped attempt began with: nobody knows any more which caller's each is.
    const letter = (): boolean => heldCallers(turn, request, time.nowMs).size === 0;
    for (const [region, things] of regions) {
      await guarded(turn, request, region, () =>
        deleteThings(turn, request, region, things, { message: toDelete, letter }, (stub, isNew) => {
          gone.add(messageThing(stub));
          if (isNew || met.has(messageThing(stub))) deleted.push(deletedOf({ ...stub, region }));
        }),
      );
    }
  }
  for (const request of [...ledger.state.requests.values()].filter((one) => isInForce(one) && isResting(one.phase))) {
    await guarded(turn, request, null, () => verify(turn, request, time, vanished));
  }
  await passOver(turn, stores.master.name, () => forgetNumbers(turn));
  await passOver(turn, null, () => searchErased(turn, searches));
  for (const name of [...due.values()].flatMap((regions) => [...regions.values()]).flat())
    if (parseThing(name).kind === 'message' && !gone.has(name)) kept.add(name);
  return { deleted, kept: kept.size };
}

/**
 * Searches a request's callers once more: what came late is marked, due dead letters go, and where nothing is left it is about to be erased; where
 * all that is left is held, so is the request. What is marked and gone from its store is left until its deletion is completed.
 */
async function verify(turn: Turn, request: RequestState, time: RuleTime, vanished: Vanished): Promise<void> {
  const { stores, ledger } = turn;
  const finds = await findCallers(stores, request);
  type Letter = (typeof finds)[number]['letters'][number];
  const isLetterDue = ({ forgetMarkedAt, forgetRequestIds = [] }: Letter): boolean =>
    forgetMarkedAt !== undefined &&
    forgetRequestIds.includes(request.requestId) &&
    !ledger.state.isToBeTakenBack(request.callers.flatMap(({ hashes }) => hashes)) &&
    isDue({ modifiedAt: forgetMarkedAt, forgetMarkedAt }, time);
  const isHeld = letterHolds(turn, request, time.nowMs, finds);
  const letters = finds.flatMap((found) => found.letters);
  const due = new Set(letters.filter((letter) => isLetterDue(letter) && !isHeld(letter.id)));
  for (const { name } of stores.regions) {
    const things = [...due].filter(({ region }) => region === name).map(letterThing);
    const mayDelete = { message: () => false, letter: (id: string) => !isHeld(id) };
    if (things.length > 0) await deleteThings(turn, request, name, things, mayDelete);
  }
  const stays = finds.map((found) => ({ ...found, letters: found.letters.filter((letter) => !due.has(letter)) }));
  await markFinds(turn, request, stays);
  const place = { ledger, tenant: stores.tenant };
  const of = { requestId: request.requestId, at: nowText(turn) };
  const isEmpty = stays.every(
    ({ messages, letters: left, halfLetters }) => messages.length + left.length + halfLetters === 0,
  );
  const lost = isEmpty ? await vanished.keeps(request, finds) : null;
  const hold = holdOnRequest(turn, request, stays, time.nowMs) ?? (lost === 'waits' ? null : lost);
  if (hold !== null) {
    const isTold = request.phase === 'held' && request.heldUntil === hold.until;
    if (!isTold) await tell(turn, place, { kind: 'held', ...of, until: hold.until });
    return;
  }
  if (isEmpty && lost === null) await tell(turn, place, { kind: 'erasing', ...of });
  else if (request.phase === 'held') await tell(turn, place, { kind: 'marked', ...of, found: [] });
}

/** Work of a run on one request: where a region is gone, the request has failed. @param region where the work is; null: in all of them. */
async function guarded(
  turn: Turn,
  { requestId }: RequestState,
  region: string | null,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await passOver(turn, region, work);
  } catch (error) {
    if (!isRegionGone(error)) throw error;
    await failAll(turn, { kind: 'mark', requestIds: [requestId] }, error);
  }
}

/** The requests of a verdict have failed: a region that something of theirs lies in is gone. What is over stays as it is. */
async function failAll(turn: Turn, verdict: Verdict, { message: reason }: Error): Promise<void> {
  const { ledger, stores } = turn;
  const ids = verdict.kind === 'mark' ? verdict.requestIds : verdict.kind === 'suppress' ? [verdict.requestId] : [];
  for (const requestId of ids) {
    const request = ledger.state.requests.get(requestId);
    if (request === undefined || isOver(request)) continue;
    await tell(turn, { ledger, tenant: stores.tenant }, { kind: 'failed', requestId, at: nowText(turn), reason });
  }
}

/** A mark that no request asks for: that of a worker which was overtaken by an undo. */
async function takeBack(turn: Turn, message: Metadata): Promise<void> {
  if (!isMarked(message)) return;
  const { facts } = await unmark(turn, message);
  if (facts.length > 0) await turn.log.append(facts);
}

/** What a store failed is tried again by the next run. */
async function passOver(turn: Turn, region: string | null, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    turn.logger.warn(
      { err: error, tenant: turn.stores.tenant, region },
      'a run of the deletion rule passed over a store',
    );
  }
}
