import { DONE, type Actor, type Place } from '../explore.ts';
import { judged } from './judged.ts';
import { cas, place, put, stopping, suppresses, type Rule, type Step, type World } from './world.ts';

/** An attempt at storing the deposit. @param stops it may stop for good anywhere. */
export function deposit(stops: boolean, off: Rule | null): Actor<World> {
  const step = (world: World, { at, knows }: Place): readonly Step[] => {
    const [message] = world.messages;
    switch (at) {
      case 0:
        return [[world, place(1, world.request, world.entries)]];
      case 1:
        return [[world, place(suppresses(knows[0]) ? 20 : 2, ...knows)]];
      case 2:
        return [[put(world, 0, off === 'index-first' ? { media: true } : { index: true }), place(3, ...knows)]];
      case 3:
        return [[put(world, 0, off === 'index-first' ? { index: true } : { media: true }), place(4, ...knows)]];
      case 4:
        if (message.meta === 'none')
          return [[put(world, 0, { meta: 'live', version: message.version + 1 }), place(5, ...knows)]];
        return [[world, place(message.meta === 'stub' ? 21 : 5, ...knows)]];
      case 20:
        if (message.meta === 'none')
          return [[put(world, 0, { meta: 'stub', version: message.version + 1 }), place(21)]];
        if (message.meta === 'stub') return [[world, place(21)]];
        return [cas(world, 0, message.version, 'stub', place(21), place(20))];
      case 21:
        return [
          [
            put(world, 0, off === 'index-lives-with-stub' ? { media: false, index: false } : { media: false }),
            place(DONE),
          ],
        ];
      default:
        return judged(world, { at, knows }, 0, 5, off);
    }
  };
  return stopping(step, stops);
}
