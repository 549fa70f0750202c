import { DONE, type Actor } from '../explore.ts';
import { REGIONS, type World } from './world.ts';

/** A region goes down, and comes back. */
export const outage: Actor<World> = (world, at) => {
  if (world.down !== 'none') return [[{ ...world, down: 'none' }, at]];
  if (world.outages === 0) return [];
  return REGIONS.map((down) => [{ ...world, down, outages: world.outages - 1 }, at]);
};

/** Whoever asks for the undo, at any time; the master region takes it in. */
export const asksToUndo: Actor<World> = (world) =>
  world.down === 'home'
    ? []
    : [
        [
          { ...world, undo: 'accepted' },
          { at: DONE, knows: [] },
        ],
      ];
