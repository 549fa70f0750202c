import { DONE, STOPPED, type Actor, type Place } from '../explore.ts';
import { judged } from './judged.ts';
import { withdrawn } from './withdraw.ts';
import {
  cas,
  copied,
  isLive,
  noted,
  place,
  put,
  stopping,
  versionOf,
  type Meta,
  type Rule,
  type Step,
  type World,
} from './world.ts';

/** A forward of the deposited message. Its repetition, where it stopped, is another one of these. */
export function forward(stops: boolean, off: Rule | null): Actor<World> {
  const asForwarded = (source: string | number | undefined): Meta => (source === 'marked' ? 'marked' : 'live');
  const brought = (world: World, source: string | number | undefined): Step => {
    const meta = asForwarded(source);
    const next = put(world, 1, { meta, version: versionOf(world, 1) + 1, wasThere: true });
    return [next, arrived(world, meta)];
  };
  /** The entry of its mark awaits it no more; then it is judged. */
  const arrived = (world: World, meta: Meta): Place => {
    if (meta === 'marked' && !world.lags) return place(20);
    return off === 'forwards-are-judged' ? place(DONE) : place(10, world.request, -1);
  };
  const isToBeNoted = (world: World, meta: Meta): boolean =>
    meta === 'marked' && !world.lags && off !== 'forwards-are-noted';
  const step = (world: World, { at, knows }: Place): readonly Step[] => {
    const [source, target] = world.messages;
    switch (at) {
      case 0:
        return isLive(source) ? [[world, place(1)]] : [];
      case 1:
        return [[put(world, 1, { index: true }), place(2)]];
      case 2:
        if (!source.media) return [[world, place(9)]];
        return [[target.media ? world : copied(world), place(3, versionOf(world, 0))]];
      case 3:
        if (source.meta === 'stub') return [[world, place(9)]];
        return [cas(world, 0, Number(knows[0]), source.meta, place(4, source.meta), place(3, versionOf(world, 0)))];
      case 4:
        if (isToBeNoted(world, asForwarded(knows[0])) && knows[1] !== 'noted')
          return [[noted(world, 1), place(4, knows[0] ?? '', 'noted')]];
        if (target.meta === 'none') return [brought(world, knows[0])];
        if (target.meta === 'swept') return [[world, place(6, knows[0] ?? '', target.version)]];
        return [[world, target.meta === 'stub' ? place(9) : arrived(world, target.meta)]];
      // Over a claim: what it may still remove, it has not seen.
      case 6: {
        const isNoted = isToBeNoted(world, asForwarded(knows[0])) && off !== 'claims-are-met-anew';
        return [[isNoted ? noted(world, 1) : world, place(7, ...knows)]];
      }
      case 7:
        return [source.media ? [copied(world), place(8, ...knows)] : [world, place(9)]];
      case 8: {
        const isOver = target.meta === 'swept' && target.version === knows[1];
        return [isOver ? brought(world, knows[0]) : [world, place(4, knows[0] ?? '')]];
      }
      case 9:
        // The source is gone, or the target: what was copied is taken back unless the target is another attempt's.
        if (isLive(target)) return [[world, place(DONE)]];
        return [target.meta === 'stub' ? [put(world, 1, { media: false }), place(DONE)] : [world, place(30)]];
      case 20: {
        const next = off === 'forwards-are-judged' ? place(DONE) : place(10, world.request, -1);
        return [[target.note > 0 ? noted(world, 1) : world, next]];
      }
      default:
        return at >= 30 ? withdrawn(world, { at, knows }, 30, off) : judged(world, { at, knows }, 1, 10, off);
    }
  };
  return stopping(step, stops);
}

/** One of what is marked that has stopped for good between the entry of its copy's mark and the copy. */
export const stoppedForward: Actor<World> = (world) => {
  const isMarked = world.messages[0].meta === 'marked' && world.messages[0].media;
  return isMarked && world.messages[1].meta === 'none'
    ? [[noted(copied(put(world, 1, { index: true })), 1), place(STOPPED)]]
    : [];
};
