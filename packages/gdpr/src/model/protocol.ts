import { DONE, STOPPED, type Actor, type Place } from './explore.ts';

/**
 * The protocol of deposit, forward, forget, rule, undo and a user's changes, as atomic calls of stores. Two messages of one caller from before the
 * request: the deposited one, and the one it is forwarded to.
 */

/** What may be switched off, to see that it is needed. */
export type Rule =
  /** The index entry comes before the media. */
  | 'index-first'
  /** After its metadata a deposit judges by a list that is at most some seconds old. */
  | 'freshness-after-write'
  /** The index entry stays as long as the stub. */
  | 'index-lives-with-stub'
  /** Suppression comes before the last search. */
  | 'erasing-before-erased'
  /** A forwarded message is judged as a deposit is. */
  | 'forwards-are-judged';

type Meta = 'none' | 'live' | 'marked' | 'stub';
interface Message {
  readonly meta: Meta;
  /** Of the metadata: a compare-and-set names it. */
  readonly version: number;
  readonly media: boolean;
  readonly index: boolean;
}
export type Phase = 'none' | 'in-force' | 'erasing' | 'erased' | 'undone';

export interface World {
  readonly messages: readonly [Message, Message];
  readonly request: Phase;
  /** How many entries the ledger has. */
  readonly entries: number;
  /** The oldest list that is fresh enough: the bound has passed since. */
  readonly freshFrom: number;
}

const ABSENT: Message = { meta: 'none', version: 0, media: false, index: false };
export const EMPTY: World = { messages: [ABSENT, ABSENT], request: 'none', entries: 0, freshFrom: 0 };

/** Beyond this a version grows no more: enough for every compare-and-set of these actors. */
const MAX_VERSION = 9;
const isLive = ({ meta }: Message): boolean => meta === 'live' || meta === 'marked';
const suppresses = (phase: string | number | undefined): boolean => phase === 'erasing' || phase === 'erased';

type Step = readonly [World, Place];
const place = (at: number, ...knows: (string | number)[]): Place => ({ at, knows });
const put = (world: World, of: 0 | 1, change: Partial<Message>): World => {
  const changed = { ...world.messages[of], ...change };
  return { ...world, messages: of === 0 ? [changed, world.messages[1]] : [world.messages[0], changed] };
};
/** A compare-and-set of the metadata. */
function cas(world: World, of: 0 | 1, version: number, meta: Meta, won: Place, lost: Place): Step {
  const { version: standing } = world.messages[of];
  if (!isLive(world.messages[of]) || standing !== version || version >= MAX_VERSION) return [world, lost];
  return [put(world, of, { meta, version: version + 1 }), won];
}
const versionOf = (world: World, of: 0 | 1): number => world.messages[of].version;
const told = (world: World, request: Phase): World => ({ ...world, request, entries: world.entries + 1 });
const boundPasses = (world: World): World => ({ ...world, freshFrom: world.entries });

/** The last steps of whoever brings a message: judged by a fresh list, marked or deleted. @param from its first step here. */
function judged(world: World, { at, knows }: Place, of: 0 | 1, from: number, off: Rule | null): readonly Step[] {
  const [phase, entries = 0] = knows;
  const message = world.messages[of];
  const reload = place(from + 1, world.request, world.entries);
  if (at === from) {
    const isFresh = Number(entries) >= world.freshFrom || off === 'freshness-after-write';
    return isFresh
      ? [
          [world, place(from + 1, ...knows)],
          [world, reload],
        ]
      : [[world, reload]];
  }
  if (at === from + 1) {
    if (phase === 'in-force' && message.meta === 'live')
      return [[world, place(from + 2, phase, entries, versionOf(world, of))]];
    if (suppresses(phase)) return [[world, place(from + 3, phase ?? '', entries, versionOf(world, of))]];
    return [[world, place(DONE)]];
  }
  const version = Number(knows[2]);
  const again = place(from + 1, phase ?? '', entries);
  if (at === from + 2) return [cas(world, of, version, 'marked', place(DONE), again)];
  if (at === from + 3) {
    if (message.meta === 'stub') return [[world, place(from + 4)]];
    return [cas(world, of, version, 'stub', place(from + 4), again)];
  }
  if (at === from + 4) return [[put(world, of, { media: false }), place(DONE)]];
  return [];
}

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

/** The saga: mark, the rule, the erasure; or an undo once it is marked. */
export function saga(undo: boolean, off: Rule | null): Actor<World> {
  const found = (world: World, test: (message: Message) => boolean): 0 | 1 | null => {
    if (world.messages[0].index && test(world.messages[0])) return 0;
    return world.messages[1].index && test(world.messages[1]) ? 1 : null;
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
  const change = (
    world: World,
    { knows }: Place,
    meta: Meta,
    won: (of: 0 | 1) => Place,
    lost: Place,
  ): readonly Step[] => {
    const of = knows[0] === 1 ? 1 : 0;
    return [cas(world, of, Number(knows[1]), meta, won(of), lost)];
  };
  const isUnmarked = ({ meta }: Message): boolean => meta === 'live';
  const isMarked = ({ meta }: Message): boolean => meta === 'marked';
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
      case 6:
        return undo
          ? [
              [boundPasses(world), place(7)],
              [told(world, 'undone'), place(30)],
            ]
          : [[boundPasses(world), place(7)]];
      // A run of the rule, a day later.
      case 7:
        return searched(world, 7, isMarked, [[world, place(11)]]);
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
            place(7),
          ],
        ];
      case 11: {
        const next: Step =
          off === 'erasing-before-erased' ? [told(world, 'erased'), place(DONE)] : [told(world, 'erasing'), place(13)];
        if (found(world, isMarked) !== null) return [[world, place(7)]];
        return searched(world, 11, isUnmarked, [next]);
      }
      case 12:
        return change(world, at, 'marked', () => place(7), place(11));
      case 13:
        return [[boundPasses(world), place(14)]];
      case 14: {
        const leftover = found(world, ({ meta, media }) => media && (meta === 'none' || meta === 'stub'));
        if (found(world, isLive) === null && leftover !== null) return [[world, place(16, leftover)]];
        return searched(world, 14, isLive, [[told(world, 'erased'), place(DONE)]]);
      }
      case 15:
        return change(world, at, 'stub', (of) => place(17, of), place(14));
      case 16: {
        const of = at.knows[0] === 1 ? 1 : 0;
        if (isLive(world.messages[of])) return [[world, place(14)]];
        const isNone = world.messages[of].meta === 'none';
        return [[isNone ? put(world, of, { meta: 'stub', version: versionOf(world, of) + 1 }) : world, place(17, of)]];
      }
      case 17:
        return [[put(world, at.knows[0] === 1 ? 1 : 0, { media: false }), place(14)]];
      case 30:
        return searched(world, 30, isMarked, [[world, place(32)]]);
      case 31:
        return change(world, at, 'live', () => place(30), place(30));
      case 32:
        return [[boundPasses(world), place(33)]];
      case 33:
        return searched(world, 33, isMarked, [[world, place(DONE)]]);
      case 34:
        return change(world, at, 'live', () => place(33), place(33));
      default:
        return [];
    }
  };
}

/** A user deletes the deposited message. */
export const userDeletes: Actor<World> = (world, { at, knows }) => {
  if (at === 0) return isLive(world.messages[0]) ? [[world, place(1, versionOf(world, 0))]] : [];
  if (at === 1) return [cas(world, 0, Number(knows[0]), 'stub', place(2), place(0))];
  return [[put(world, 0, { media: false }), place(DONE)]];
};

/** An agent listens to it: the metadata changes, the mark stays. */
export const agentReads: Actor<World> = (world, { at, knows }) => {
  const [message] = world.messages;
  if (at === 0) return isLive(message) ? [[world, place(1, message.version)]] : [];
  return [cas(world, 0, Number(knows[0]), message.meta, place(DONE), place(0))];
};

function stopping(step: Actor<World>, stops: boolean): Actor<World> {
  return (world, at) => [...step(world, at), ...(stops && at.at > 0 ? [[world, place(STOPPED)] as const] : [])];
}

/** What must not be so at an end. @param isWhole every attempt ran to its end; else what stopped ones left must at least be found. */
export function faultsOf({ messages, request }: World, isWhole: boolean): string[] {
  const faults: string[] = [];
  for (const message of messages) {
    if (request === 'erased') {
      if (isLive(message) && (isWhole || !message.index)) faults.push('a live message of an erased caller');
      if (message.media && isWhole) faults.push('a recording of an erased caller');
      if (message.media && !message.index) faults.push('a recording of an erased caller that no search finds');
    }
    if (isLive(message) && !message.media) faults.push('a message without its recording');
    if (isLive(message) && !message.index) faults.push('a message that no search by caller finds');
    if (message.meta === 'stub' && request === 'undone' && message.media && isWhole)
      faults.push('a recording of a deleted message');
  }
  if (request === 'in-force' || request === 'erasing') faults.push('a request that never ends');
  return faults;
}
