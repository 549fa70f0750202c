import { lastToEnd, type Held, type Metadata, type RequestState } from '@voicemail/domain';
import { hashesOf, type CallerFinds } from './find-callers.ts';
import type { Turn } from './context.ts';

type Place = Pick<Turn, 'ledger' | 'stores'>;

/** The legal hold on a message, or on its caller; null: it is not held. @param nowMs since the epoch. */
export const holdOnMessage = ({ ledger, stores }: Place, message: Metadata, nowMs: number): Held | null =>
  ledger.state.holds.on({ hashes: hashesOf(stores, message), message }, nowMs);

/**
 * The legal hold on a caller of a request; null: it is not held, or the request asks for it no more.
 * @param finds of a search for the callers, which knows them by more hashes than the request has.
 */
function holdOnCaller(
  { ledger }: Pick<Turn, 'ledger'>,
  { callers }: RequestState,
  index: number,
  nowMs: number,
  finds: readonly CallerFinds[],
): Held | null {
  const caller = callers[index];
  if (caller === undefined || caller.isUndone) return null;
  return ledger.state.holds.on({ hashes: [...caller.hashes, ...(finds[index]?.hashes ?? [])] }, nowMs);
}

/** The holds on callers of a request, by the indexes of the callers. */
export function heldCallers(
  place: Pick<Turn, 'ledger'>,
  request: RequestState,
  nowMs: number,
  finds: readonly CallerFinds[] = [],
): ReadonlyMap<number, Held> {
  const held = new Map<number, Held>();
  for (const index of request.callers.keys()) {
    const hold = holdOnCaller(place, request, index, nowMs, finds);
    if (hold !== null) held.set(index, hold);
  }
  return held;
}

/** Tells of dead letters that were found, by their ids, which are kept: those of held callers. Asks the ledger each time. */
export function letterHolds(
  place: Pick<Turn, 'ledger'>,
  request: RequestState,
  nowMs: number,
  finds: readonly CallerFinds[],
): (id: string) => boolean {
  const owners = new Map(finds.flatMap(({ letters }, index) => letters.map(({ id }) => [id, index] as const)));
  return (id) => {
    const index = owners.get(id);
    return index !== undefined && holdOnCaller(place, request, index, nowMs, finds) !== null;
  };
}

/**
 * What keeps a request from going on: holds on all that is left of it. A held caller's request waits also where nothing is left: once it were erased,
 * what comes late would not be stored, and a hold is on that too.
 * @param finds what is left. @returns null where something is left that is not held, or nothing is held at all.
 */
export function holdOnRequest(
  place: Place,
  request: RequestState,
  finds: readonly CallerFinds[],
  nowMs: number,
): Held | null {
  const callers = heldCallers(place, request, nowMs, finds);
  const holds: Held[] = [...callers.values()];
  for (const [index, { messages, letters, halfLetters }] of finds.entries()) {
    const isHeld = callers.has(index);
    if (!isHeld && letters.length + halfLetters > 0) return null;
    for (const message of messages) {
      // Of a held caller too: a hold on the message itself may end later.
      const hold = holdOnMessage(place, message, nowMs);
      if (hold === null && !isHeld) return null;
      if (hold !== null) holds.push(hold);
    }
  }
  return lastToEnd(holds);
}
