import { DONE, STOPPED, type Actor } from '../explore.ts';
import { cas, EMPTY, isLive, place, put, versionOf, type Message, type Rule, type World } from './world.ts';

/** A world in which searches are by tags that lag. @param underWay the actors that must come to their end. */
export const laggingWorld = (underWay: number): World => ({ ...EMPTY, lags: true, underWay });

const each = (world: World, change: (message: Message) => Message): World => ({
  ...world,
  messages: [change(world.messages[0]), change(world.messages[1])],
});

/** So much time has passed that searches tell of all that was written. */
export const settled = (world: World): World =>
  each(world, (message) => ({ ...message, isUnseen: false, isMarkUnseen: false }));
export const leftBehind = (world: World): World =>
  each(world, (message) => ({ ...message, isLeft: message.meta === 'live' }));
/** A run of the rule is about to mark it. */
export const late = (world: World, of: 0 | 1): World =>
  world.messages[of].isLeft ? { ...world, isLate: true } : world;

/** What a search for marked messages tells. */
export function firstMarked({ messages }: World): 0 | 1 | null {
  const isFound = ({ meta, isMarkUnseen }: Message): boolean => meta === 'marked' && !isMarkUnseen;
  if (isFound(messages[0])) return 0;
  return isFound(messages[1]) ? 1 : null;
}

/** The tags of a message show, soon or late. */
export const tagsShow: Actor<World> = (world, at) =>
  ([0, 1] as const)
    .filter((of) => world.messages[of].isUnseen || world.messages[of].isMarkUnseen)
    .map((of) => [put(world, of, { isUnseen: false, isMarkUnseen: false }), at]);

/** The same actor, with its end noted. @param isExpected from the start; another one begins as long as anybody is under way. */
export function counted(actor: Actor<World>, isExpected: boolean): Actor<World> {
  return (world, at) => {
    if (at.at === 0 && world.underWay === 0) return [];
    return actor(world, at).map(([next, to]) => {
      const begins = at.at === 0 && !isExpected ? 1 : 0;
      const ends = to.at === DONE || to.at === STOPPED ? 1 : 0;
      return [{ ...next, underWay: next.underWay + begins - ends }, to];
    });
  };
}

/** A run of the rule after all that, when the tags have settled. */
export function laterRun(off: Rule | null): Actor<World> {
  return (world, { at, knows }) => {
    const of = knows[0] === 1 ? 1 : 0;
    switch (at) {
      case 0:
        if (world.underWay > 0) return [];
        return [off === 'later-runs-go-on' ? [world, place(DONE)] : [settled(world), place(1)]];
      case 1: {
        const marked = firstMarked(world);
        if (marked === null) return [[world, place(DONE)]];
        return [[world, place(world.request === 'erased' ? 2 : 4, marked, versionOf(world, marked))]];
      }
      case 2:
        return [cas(world, of, Number(knows[1]), 'stub', place(3, of), place(1))];
      case 3:
        return [[isLive(world.messages[of]) ? world : put(world, of, { media: false }), place(1)]];
      default:
        return [cas(world, of, Number(knows[1]), 'live', place(1), place(1))];
    }
  };
}
