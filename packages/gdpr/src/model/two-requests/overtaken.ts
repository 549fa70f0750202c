import { DONE, type Actor, type Place } from '../explore.ts';
import { mark, ruled, unmark } from './changes.ts';
import { asks, isFresh, type Request, type Rule, type World } from './world.ts';

type Step = readonly [World, Place];
const place = (at: number, ...knows: (string | number)[]): Place => ({ at, knows });

/**
 * The last that a worker does which lost the lease unawares: one message is changed, by the list it had. It was at a request, or at a run of the rule.
 */
export function overtaken(of: 'forget' | 'undo' | 'rule', off: Rule | null): Actor<World> {
  return (world, { at, knows }) => {
    if (at === 0) {
      const begun = [...world.requests.keys()].filter((id) => isAt(world, id, of));
      return begun.map((id): Step => [
        { ...world, late: world.late + 1 },
        place(1, id, world.entries, JSON.stringify(world.requests)),
      ]);
    }
    const id = Number(knows[0]);
    const done = (next: World): Step => [{ ...next, late: next.late - 1 }, place(DONE)];
    if (at === 1) {
      const covers = of === 'forget' ? (world.requests[id]?.covers ?? 0) : world.messages.length;
      return [...world.messages.entries()]
        .filter(([index, { meta }]) => index < covers && meta === 'live')
        .map(([index, { marks }]): Step => [world, place(2, ...knows, index, ...marks)])
        .concat([done(world)]);
    }
    const [index = 0, ...seen] = knows.slice(3).map(Number);
    const own = JSON.parse(String(knows[2])) as readonly Request[];
    if (of === 'forget') return [done(mark(world, index, id, own, off))];
    if (of === 'undo') return [done(unmark(world, index, seen, own, off))];
    const seenLists = isFresh(world, Number(knows[1])) ? [own, world.requests] : [world.requests];
    return seenLists.map((list) => done(ruled(world, index, list, off)));
  };
}

function isAt(world: World, id: number, of: 'forget' | 'undo' | 'rule'): boolean {
  const one = world.requests[id];
  if (one === undefined) return false;
  return of === 'rule' ? id === 0 && asks(one) : one.operation === of && one.phase === 'running';
}
