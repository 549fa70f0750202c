import { isMarked, isStub, type Metadata, type RequestState } from '@voicemail/domain';
import {
  markDeadLetter,
  markRecord,
  messageFact,
  readMessage,
  settleMediaTag,
  unmarkMessage,
  type DeadLetterDocument,
  type Stored,
} from '@voicemail/message-store';
import { nowText, type Turn } from './context.ts';
import { hashesOf, type CallerFinds } from './find-callers.ts';
import { inRegion, type Done } from './in-region.ts';
import { letterThing, messageThing, type Thing } from './things.ts';
import { marksToTakeBack } from './unmark.ts';

/**
 * Marks what was found for a request and no request in force has marked yet: in the master region first, that is the metadata of every message and
 * what else lies there, then the recordings and dead letters of each other region.
 * @param done the messages that this process has marked whole for the request, and marks: they are not looked at again.
 * @returns how many things were marked.
 */
export async function markFinds(
  turn: Turn,
  request: RequestState,
  finds: readonly CallerFinds[],
  done = new Set<string>(),
): Promise<number> {
  const { stores } = turn;
  const master = stores.master.name;
  const found = finds.flatMap(({ messages }) => messages).filter((message) => !done.has(messageThing(message)));
  const fresh = new Set(found.filter((message) => !isMarkedInForce(turn, message)));
  const letters = finds.flatMap((one) => one.letters).filter((letter) => !isLetterMarked(turn, letter));
  const ofRegion = (region: string): string[] =>
    letters.filter((letter) => letter.region === region).map((letter) => letterThing(letter));
  const homes = new Map(letters.map((letter) => [letter.id, letter]));

  // While it has not told that all is marked, also what an earlier attempt, or a deposit's, marked in the master region and then got no further with.
  const isOurs = ({ forgetRequestIds = [] }: Metadata): boolean =>
    request.phase === 'running' && forgetRequestIds.includes(request.requestId);
  const halfDone = found.filter((one) => one.region === master && isOurs(one));
  // Seen without any mark: there is none to be taken back first. One that an overtaken worker gives it after that is as young as ours.
  const unmarked = new Map(
    finds.flatMap(({ etags }) =>
      [...etags].flatMap(([value, etag]) => (isMarked(value) ? [] : [[messageThing(value), { value, etag }] as const])),
    ),
  );
  const inMaster = [...new Set([...fresh, ...halfDone].map(messageThing)), ...ofRegion(master)];
  let marked = await inRegion(turn, request, { step: 'mark', region: master }, inMaster, (thing, isResumed) =>
    thing.kind === 'dead-letter'
      ? markLetter(turn, request, homes.get(thing.id), isResumed)
      : markInMaster(turn, request, thing, isResumed, unmarked.get(messageThing(thing))),
  );
  const withMedia = found.filter((one) => fresh.has(one) || isOurs(one));
  for (const { name } of stores.regions) {
    if (name === master) continue;
    const things = [...withMedia.filter(({ region }) => region === name).map(messageThing), ...ofRegion(name)];
    marked += await inRegion(turn, request, { step: 'mark', region: name }, things, (thing, isResumed) =>
      thing.kind === 'dead-letter' ? markLetter(turn, request, homes.get(thing.id), isResumed) : markMedia(turn, thing),
    );
  }
  for (const message of withMedia) done.add(messageThing(message));
  return marked;
}

/** Whether a request that is in force has marked it; marks of others ask for nothing. */
export function isMarkedInForce({ ledger, stores }: Pick<Turn, 'ledger' | 'stores'>, message: Metadata): boolean {
  if (!isMarked(message)) return false;
  const verdict = ledger.state.judge(hashesOf(stores, message), Date.parse(message.time));
  if (verdict.kind !== 'mark') return verdict.kind === 'suppress';
  return verdict.requestIds.some((id) => message.forgetRequestIds?.includes(id) === true);
}

/** The letter's caller is the request's: it was found by a search for it. */
function isLetterMarked({ ledger }: Pick<Turn, 'ledger'>, { forgetRequestIds = [] }: DeadLetterDocument): boolean {
  return forgetRequestIds.some((id) => {
    const phase = ledger.state.requests.get(id)?.phase;
    return phase !== undefined && phase !== 'undone' && phase !== 'failed';
  });
}

async function markLetter(
  turn: Turn,
  { requestId }: RequestState,
  letter: DeadLetterDocument | undefined,
  isResumed: boolean,
): Promise<Done> {
  // One that is marked already is not among what is to be marked.
  if (letter === undefined) return { changed: isResumed, facts: [] };
  return { changed: (await markDeadLetter(turn.stores, letter, requestId, nowText(turn))) || isResumed, facts: [] };
}

type MessageThing = Extract<Thing, { kind: 'message' }>;

async function markInMaster(
  turn: Turn,
  { requestId }: RequestState,
  thing: MessageThing,
  isResumed: boolean,
  unmarked: Stored<Metadata> | undefined,
): Promise<Done> {
  const { stores } = turn;
  const now = nowText(turn);
  const standing =
    unmarked !== undefined ? undefined : (await readMessage(stores, thing.mailbox, thing.messageId))?.value;
  // What only requests that are over have marked begins anew: its day begins with this mark.
  if (standing !== undefined && isMarked(standing) && !isMarkedInForce(turn, standing)) {
    for (const id of await marksToTakeBack(turn, standing))
      await unmarkMessage(stores, thing.mailbox, thing.messageId, id, now);
  }
  const outcome = await markRecord(stores, thing, requestId, now, unmarked);
  if (outcome === null || isStub(outcome.record)) return { changed: false, facts: [] };
  if (outcome.record.region === stores.master.name) await settleMediaTag(stores, outcome.record, outcome.changed);
  const isOurs = isResumed && outcome.record.forgetRequestIds?.includes(requestId) === true;
  return { changed: outcome.changed || isOurs, facts: [messageFact(outcome.record, 'forget-marked', {})] };
}

async function markMedia({ stores }: Turn, { mailbox, messageId }: MessageThing): Promise<Done> {
  const message = (await readMessage(stores, mailbox, messageId))?.value;
  if (message !== undefined) await settleMediaTag(stores, message);
  // The message was counted with its metadata.
  return { changed: false, facts: [] };
}
