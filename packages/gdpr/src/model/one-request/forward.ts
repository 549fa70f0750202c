import { DONE, type Actor, type Place } from '../explore.ts';
import { judged } from './judged.ts';
import { cas, isLive, noted, place, put, stopping, versionOf, type Rule, type Step, type World } from './world.ts';

/** A forward of the deposited message. Its repetition, where it stopped, is another one of these. */
export function forward(stops: boolean, off: Rule | null): Actor<World> {
  const step = (world: World, { at, knows }: Place): readonly Step[] => {
    const [source, target] = world.messages;
    switch (at) {
      case 0:
        return isLive(source) ? [[world, place(1)]] : [];
      case 1:
        return [[put(world, 1, { index: true }), place(2)]];
      case 2:
        return source.media ? [[put(world, 1, { media: true }), place(3, versionOf(world, 0))]] : [[world, place(9)]];
      case 3:
        if (source.meta === 'stub') return [[world, place(9)]];
        return [cas(world, 0, Number(knows[0]), source.meta, place(4, source.meta), place(3, versionOf(world, 0)))];
      case 4:
        if (target.meta === 'none') {
          const meta = knows[0] === 'marked' ? 'marked' : 'live';
          const isToBeNoted = meta === 'marked' && knows[1] !== 'noted' && !world.lags && off !== 'forwards-are-noted';
          if (isToBeNoted) return [[noted(world, 1), place(4, meta, 'noted')]];
          const next = off === 'forwards-are-judged' ? place(DONE) : place(10, world.request, -1);
          return [[put(world, 1, { meta, version: target.version + 1 }), next]];
        }
        return [[world, target.meta === 'stub' ? place(9) : place(10, world.request, -1)]];
      case 9:
        // The source is gone, or the target: what was copied is taken back unless the target is another attempt's.
        return [[isLive(target) ? world : put(world, 1, { media: false }), place(DONE)]];
      default:
        return judged(world, { at, knows }, 1, 10, off);
    }
  };
  return stopping(step, stops);
}
