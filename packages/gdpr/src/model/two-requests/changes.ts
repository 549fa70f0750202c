import { asks, faulty, isMarkedInForce, judge, put, waitsUndo, type Request, type Rule, type World } from './world.ts';

const messageOf = (world: World, of: number) => world.messages[of] ?? { meta: 'none' as const, marks: [] };

/** A message is marked for a request. What by the worker's list only requests that are over have marked begins anew. */
export function mark(world: World, of: number, id: number, list: readonly Request[], off: Rule | null): World {
  const { meta, marks } = messageOf(world, of);
  if (meta !== 'live') return world;
  const isOthers = marks.length > 0 && !isMarkedInForce(list, world, of, off);
  const cleared = isOthers ? unmark(world, of, marks, list, off) : world;
  const { marks: left } = messageOf(cleared, of);
  return put(cleared, of, { meta, marks: [...new Set([...left, id])].toSorted((a, b) => a - b) });
}

/** Marks that were seen are taken back. @param seen read before. @param list what the worker goes by. */
export function unmark(
  world: World,
  of: number,
  seen: readonly number[],
  list: readonly Request[],
  off: Rule | null,
): World {
  const { meta, marks } = messageOf(world, of);
  if (meta !== 'live') return world;
  // Over for good by an older list too; of all else the ledger is asked after the marks were seen.
  const stays = (id: number): boolean =>
    off !== 'marks-in-force-stay' && !isOverFor(list[id]) && asks(world.requests[id]);
  const gone = marks.filter((id) => seen.includes(id) && !stays(id));
  const changed = put(world, of, { meta, marks: marks.filter((id) => !gone.includes(id)) });
  return gone.some((id) => asks(world.requests[id]))
    ? faulty(changed, 'a mark that is in force is taken back')
    : changed;
}

const isOverFor = (request: Request | undefined): boolean =>
  request !== undefined && (request.isTakenBack || request.phase === 'undone');

/** A message is deleted, by the rule or as an erasure ends. */
export function remove(world: World, of: number): World {
  const { meta } = messageOf(world, of);
  if (meta !== 'live') return world;
  const gone = put(world, of, { meta: 'stub', marks: [] });
  const isKept = waitsUndo(world.requests) && world.undoAt <= world.freshFrom;
  if (isKept) return faulty(gone, 'a message that is deleted while its undo waits');
  // By the ledger of a bound ago: what came since, nobody has to know.
  return judge(world.requests, of, null).kind === 'none' && world.entries === world.freshFrom
    ? faulty(gone, 'a message that is deleted though no request asks for it')
    : gone;
}

/** What the deletion rule does with a message that is marked, by one list. */
export function ruled(world: World, of: number, list: readonly Request[], off: Rule | null): World {
  const { meta, marks } = messageOf(world, of);
  if (meta !== 'live' || marks.length === 0) return world;
  const verdict = judge(list, of, off);
  if (off === 'deletes-what-is-asked-for') return remove(world, of);
  if (verdict.kind === 'none') return off === 'unasked-marks-go' ? world : unmark(world, of, marks, list, off);
  if (verdict.kind === 'mark' && off !== 'undo-that-waits-keeps' && waitsUndo(list)) return world;
  return remove(world, of);
}
