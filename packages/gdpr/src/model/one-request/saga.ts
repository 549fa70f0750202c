import { DONE, type Actor, type Place } from '../explore.ts';
import {
  boundPasses,
  cas,
  isLive,
  mark,
  place,
  put,
  told,
  versionOf,
  type Message,
  type Meta,
  type Rule,
  type Step,
  type World,
} from './world.ts';
import { firstMarked, late, leftBehind, settled } from './lagging-tags.ts';

/** The saga: mark, the rule, the erasure; or an undo once it is marked. */
export function saga(undo: boolean, off: Rule | null): Actor<World> {
  const found = (world: World, test: (message: Message) => boolean): 0 | 1 | null => {
    const isFound = (message: Message): boolean => message.index && !message.isUnseen && test(message);
    if (isFound(world.messages[0])) return 0;
    return isFound(world.messages[1]) ? 1 : null;
  };
  /** A search, and a compare-and-set of one that it finds; then the search again. */
  const searched = (
    world: World,
    at: number,
    test: (message: Message) => boolean,
    none: readonly Step[],
  ): readonly Step[] => {
    const of = found(world, test);
    return of === null ? none : [[world, place(at + 1, of, versionOf(world, of))]];
  };
  const change = (world: World, at: Place, meta: Meta, won: (of: 0 | 1) => Place, lost: Place): readonly Step[] => {
    const { knows } = at;
    const of = knows[0] === 1 ? 1 : 0;
    if (meta === 'marked') return [mark(world, of, at, Number(knows[1]), { won: won(of), lost }, off)];
    return [cas(world, of, Number(knows[1]), meta, won(of), lost)];
  };
  /** Takes a mark back, and then its entry, if that is still the one which was there before. */
  const unmark = (world: World, at: Place, back: number): readonly Step[] => {
    const [of, , note] = at.knows;
    if (note === undefined) return [[world, place(at.at, ...at.knows, world.messages[of === 1 ? 1 : 0].note)]];
    return change(world, at, 'live', () => place(35, of ?? 0, note, back), place(back));
  };
  const isUnmarked = ({ meta }: Message): boolean => meta === 'live';
  const isMarked = ({ meta }: Message): boolean => meta === 'marked';
  /** A marked one, as the rule finds it. */
  const marks = (world: World): 0 | 1 | null => {
    if (world.lags) return firstMarked(world);
    const isNoted = ({ meta, note }: Message): boolean => meta === 'marked' && note > 0;
    if (isNoted(world.messages[0])) return 0;
    return isNoted(world.messages[1]) ? 1 : null;
  };
  return (world, at) => {
    switch (at.at) {
      case 0:
        return [[told(world, 'in-force'), place(1)]];
      case 1:
        return searched(world, 1, isUnmarked, [[world, place(3)]]);
      case 2:
        return change(world, at, 'marked', () => place(1), place(1));
      case 3:
        return [[boundPasses(world), place(4)]];
      case 4:
        return searched(world, 4, isUnmarked, [[world, place(6)]]);
      case 5:
        return change(world, at, 'marked', () => place(4), place(4));
      case 6: {
        const next: Step = world.lags ? [leftBehind(settled(world)), place(40)] : [boundPasses(world), place(7)];
        return undo ? [next, [told(world, 'undone'), place(30)]] : [next];
      }
      // Where tags lag: when they have settled. Then a day passes, or an undo comes.
      case 40:
        if (off === 'search-when-settled') return [[world, place(42)]];
        return searched(world, 40, isUnmarked, [[world, place(42)]]);
      case 41:
        return change(world, at, 'marked', () => place(40), place(40));
      case 42: {
        const next: Step = [settled(boundPasses(world)), place(7)];
        return undo ? [next, [told(world, 'undone'), place(30)]] : [next];
      }
      // A run of the rule, a day later.
      case 7: {
        const left = world.messages.findIndex(({ note, meta }) => note > 0 && meta === 'stub');
        if (left !== -1) return [[world, place(10, left)]];
        const marked = marks(world);
        return [[world, marked === null ? place(11) : place(8, marked, versionOf(world, marked))]];
      }
      case 8:
        return change(world, at, 'stub', (of) => place(9, of), place(7));
      case 9:
        return [
          [
            put(
              world,
              at.knows[0] === 1 ? 1 : 0,
              off === 'index-lives-with-stub' ? { media: false, index: false } : { media: false },
            ),
            place(10, ...at.knows),
          ],
        ];
      case 10:
        return [[put(world, at.knows[0] === 1 ? 1 : 0, { note: 0 }), place(7)]];
      case 11: {
        const next: Step =
          off === 'erasing-before-erased' ? [told(world, 'erased'), place(DONE)] : [told(world, 'erasing'), place(13)];
        // The run that deletes it, or there is none.
        if (found(world, isMarked) !== null) return [[world, place(world.lags || marks(world) !== null ? 7 : DONE)]];
        return searched(world, 11, isUnmarked, [next]);
      }
      case 12:
        return change(late(world, at.knows[0] === 1 ? 1 : 0), at, 'marked', () => place(7), place(11));
      case 13:
        return [[boundPasses(world), place(14)]];
      case 14: {
        const leftover = found(world, (message) => message.media && !isLive(message));
        if (found(world, isLive) === null && leftover !== null) return [[world, place(16, leftover)]];
        return searched(world, 14, isLive, [[told(world, 'erased'), place(DONE)]]);
      }
      case 15:
        return change(world, at, 'stub', (of) => place(17, of), place(14));
      case 16: {
        const of = at.knows[0] === 1 ? 1 : 0;
        if (isLive(world.messages[of])) return [[world, place(14)]];
        const isNone = world.messages[of].meta !== 'stub';
        return [[isNone ? put(world, of, { meta: 'stub', version: versionOf(world, of) + 1 }) : world, place(17, of)]];
      }
      case 17:
        return [[put(world, at.knows[0] === 1 ? 1 : 0, { media: false }), place(14)]];
      case 30:
        return searched(world, 30, isMarked, [[world, place(32)]]);
      case 31:
        return unmark(world, at, 30);
      case 32:
        return [[boundPasses(world), place(33)]];
      case 33:
        return searched(world, 33, isMarked, [[world, place(DONE)]]);
      case 34:
        return unmark(world, at, 33);
      case 35: {
        const [of, note, back] = at.knows;
        const index = of === 1 ? 1 : 0;
        const isSame = world.messages[index].note === note || off === 'entries-go-as-seen';
        return [[isSame ? put(world, index, { note: 0 }) : world, place(Number(back))]];
      }
      default:
        return [];
    }
  };
}
