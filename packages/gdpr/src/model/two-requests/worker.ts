import { DONE, type Actor, type Place } from '../explore.ts';
import { mark, remove, ruled, unmark } from './changes.ts';
import {
  asks,
  boundPasses,
  isMarkedInForce,
  isOver,
  isUnderWay,
  isFresh,
  listAt,
  request,
  tell,
  waitsUndo,
  type Request,
  type Rule,
  type World,
} from './world.ts';

type Step = readonly [World, Place];
/** The lists that the holder of the lease may go by whose last look was some entries ago. */
const lists = (world: World, entries: number): readonly (readonly Request[])[] =>
  isFresh(world, entries) ? [listAt(world, entries), world.requests] : [world.requests];
const place = (at: number, ...knows: (string | number)[]): Place => ({ at, knows });

/** What a search for a request's caller finds: nothing without its numbers. */
function found(world: World, id: number): readonly number[] {
  const asked = world.requests[id];
  if (asked === undefined || !asked.hasNumbers) return [];
  const covers = asked.operation === 'undo' ? world.messages.length : asked.covers;
  return [...world.messages.keys()].filter((of) => of < covers && world.messages[of]?.meta === 'live');
}

/** The first of what a search finds that a request has still to change. */
function toChange(world: World, id: number, off: Rule | null): number | undefined {
  const isToChange =
    world.requests[id]?.operation === 'undo'
      ? (of: number): boolean => world.messages[of]?.marks.some((one) => !asks(world.requests[one])) === true
      : (of: number): boolean => !isMarkedInForce(world.requests, world, of, off);
  return found(world, id).find(isToChange);
}

function change(world: World, id: number, of: number, off: Rule | null): World {
  if (world.requests[id]?.operation !== 'undo') return mark(world, of, id, world.requests, off);
  return unmark(world, of, world.messages[of]?.marks ?? [], world.requests, off);
}

/** The numbers of erased callers leave the requests that are over. */
function forgetNumbers(world: World, off: Rule | null): World {
  const isErased = world.requests.some((one) => one.phase === 'erased' && !one.isTakenBack);
  if (!isErased) return world;
  return [...world.requests.entries()]
    .filter(([, one]) => isOver(one) || off === 'numbers-stay-while-needed')
    .reduce((next, [id]) => request(next, id, { hasNumbers: false }), world);
}

/**
 * Whoever has the tenant's lease: the requests in their order, the runs of the rule, the erasures. It may die at any step; another one then begins a
 * turn of its own.
 */
export function worker(off: Rule | null): Actor<World> {
  const step = (world: World, { at, knows }: Place): readonly Step[] => {
    const id = Number(knows[0]);
    const of = Number(knows[1]);
    switch (at) {
      case 0:
        return turn(world, off);
      case 1:
      case 4: {
        const next = toChange(world, id, off);
        return [[world, next === undefined ? place(at + 2, id) : place(at + 1, id, next)]];
      }
      case 2:
      case 5:
        return [[change(world, id, of, off), place(at - 1, id)]];
      case 3:
        return [[boundPasses(world), place(4, id)]];
      case 6:
        return [[tell(world, id, world.requests[id]?.operation === 'undo' ? 'undone' : 'marked'), place(0)]];
      // The last search of an erasure.
      case 13:
        return [[boundPasses(world), place(14, id)]];
      case 14: {
        if (off !== 'undo-that-waits-keeps' && waitsUndo(world.requests)) return [[world, place(0)]];
        const [left] = found(world, id);
        return [
          left === undefined ? [tell(world, id, 'erased'), place(28)] : [world, place(15, id, left, world.entries)],
        ];
      }
      case 15: {
        const isKept = (list: readonly Request[]): boolean => off !== 'undo-that-waits-keeps' && waitsUndo(list);
        return [
          ...lists(world, Number(knows[2])).map((list): Step => [
            isKept(list) ? world : remove(world, of),
            place(14, id),
          ]),
          [boundPasses(world), place(15, ...knows)],
        ];
      }
      // A run of the rule, by a list of so many entries: what is marked, and may be due.
      case 21: {
        const marked = [...world.messages.keys()].filter((index) => (world.messages[index]?.marks.length ?? 0) > 0);
        return [...marked.map((index): Step => [world, place(22, id, index)]), [world, place(25, 0)]];
      }
      case 22:
        return [
          ...lists(world, id).map((list): Step => [ruled(world, of, list, off), place(21, id)]),
          [boundPasses(world), place(22, ...knows)],
        ];
      // Each request that rests is searched for once more.
      case 25: {
        const next = place(25, id + 1);
        if (id >= world.requests.length) return [[world, place(28)]];
        if (world.requests[id]?.phase !== 'marked') return [[world, next]];
        const unmarked = toChange(world, id, off);
        if (unmarked !== undefined) return [[world, place(26, id, unmarked)]];
        return [[found(world, id).length === 0 ? tell(world, id, 'erasing') : world, next]];
      }
      case 26:
        return [[change(world, id, of, off), place(25, id)]];
      case 28:
        return [[forgetNumbers(world, off), place(0)]];
      // A day after all is over: the rule once more.
      case 29: {
        const marked = [...world.messages.keys()].find((index) => (world.messages[index]?.marks.length ?? 0) > 0);
        const after = marked === undefined ? world : ruled(world, marked, world.requests, off);
        return [[after, after === world ? place(DONE) : place(29)]];
      }
      default:
        return [];
    }
  };
  return (world, at) => [...step(world, at), ...(at.at > 0 && at.at < 29 ? [[world, place(0)] as const] : [])];
}

/** What a turn may begin with: the request whose turn it is, else an erasure; a run of the rule; the end. */
function turn(world: World, off: Rule | null): readonly Step[] {
  const underWay = [...world.requests.keys()].filter(
    (id) => world.requests[id] !== undefined && isUnderWay(world.requests[id]),
  );
  const turns = off === 'in-order' ? underWay : underWay.slice(0, 1);
  const erasing = world.requests.findIndex(({ phase }) => phase === 'erasing');
  const steps = turns.map((id): Step => [
    world.requests[id]?.phase === 'accepted' ? tell(world, id, 'running') : world,
    place(1, id),
  ]);
  if (underWay.length === 0 && erasing !== -1) steps.push([world, place(13, erasing)]);
  if (world.requests.some((one) => asks(one))) steps.push([world, place(21, world.entries)]);
  if (world.requests.every(isOver) && world.late === 0) steps.push([boundPasses(world), place(29)]);
  return steps;
}
