import { DONE, type Actor } from '../explore.ts';
import { cas, isLive, place, put, versionOf, type World } from './world.ts';

/** A user deletes the deposited message. */
export const userDeletes: Actor<World> = (world, { at, knows }) => {
  if (at === 0) return isLive(world.messages[0]) ? [[world, place(1, versionOf(world, 0))]] : [];
  if (at === 1) return [cas(world, 0, Number(knows[0]), 'stub', place(2), place(0))];
  return [[put(world, 0, { media: false, note: 0 }), place(DONE)]];
};

/** An agent listens to it: the metadata changes, the mark stays. */
export const agentReads: Actor<World> = (world, { at, knows }) => {
  const [message] = world.messages;
  if (at === 0) return isLive(message) ? [[world, place(1, message.version)]] : [];
  return [cas(world, 0, Number(knows[0]), message.meta, place(DONE), place(0))];
};
