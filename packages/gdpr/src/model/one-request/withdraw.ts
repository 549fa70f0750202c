import { DONE, type Actor, type Place } from '../explore.ts';
import { place, put, type Message, type Rule, type Step, type World } from './world.ts';

const isAbsent = ({ meta }: Message): boolean => meta === 'none' || meta === 'swept';

/** Takes back what stopped attempts left where a forward's target would be, as it is seen before the claim. @param from its first step here. */
export function withdrawn(world: World, { at, knows }: Place, from: number, off: Rule | null): readonly Step[] {
  const [target, [note, copies]] = [world.messages[1], knows];
  switch (at - from) {
    case 0:
      return [[world, place(from + 1, target.note, target.copies)]];
    case 1: {
      if (!isAbsent(target)) return [[world, place(DONE)]];
      const meta = off === 'claims-give-way' ? 'stub' : 'swept';
      return [[put(world, 1, { meta, version: target.version + 1 }), place(from + 2, ...knows)]];
    }
    case 2:
      return [[target.copies === copies ? put(world, 1, { media: false }) : world, place(from + 3, ...knows)]];
    case 3:
      return [[target.note === note ? put(world, 1, { note: 0 }) : world, place(DONE)]];
    default:
      return [];
  }
}

/** A run of the rule, a day after a forward noted a mark that is still awaited. */
export function takesBack(off: Rule | null): Actor<World> {
  return (world, at) => {
    const [, target] = world.messages;
    return at.at > 0 || (target.note > 0 && isAbsent(target)) ? withdrawn(world, at, 0, off) : [];
  };
}
