import { STOPPED, type Actor, type Place } from '../explore.ts';

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
  | 'forwards-are-judged'
  /** The entry by which the rule finds a mark is written before it is made, also of a message that is forwarded marked. */
  | 'marks-are-noted'
  | 'forwards-are-noted'
  /** What takes a forward back leaves a claim in the target's place, not the stub of a deletion. */
  | 'claims-give-way'
  /** A forward that meets such a claim writes the entry of the mark once more. */
  | 'claims-are-met-anew'
  /** Of a mark that is taken back that entry goes which was there before. */
  | 'entries-go-as-seen'
  /** What is marked is searched for once more when the tags have settled. */
  | 'search-when-settled'
  /** The rule runs on when all is over: it deletes what is marked of an erased caller, and takes back what no request asks for. */
  | 'later-runs-go-on';

/** `swept`: claimed by who takes a forward back. */
export type Meta = 'none' | 'live' | 'marked' | 'stub' | 'swept';
export interface Message {
  readonly meta: Meta;
  /** Of the metadata: a compare-and-set names it. */
  readonly version: number;
  readonly media: boolean;
  /** Of the media of a forward: which copy it is, so that it is removed only as it was seen. */
  readonly copies: number;
  /** Of a forward: whether it has ever been there. */
  readonly wasThere: boolean;
  readonly index: boolean;
  /** The entry of its mark: which one has written it last; 0: there is none. Nobody needs any where searches are by tags. */
  readonly note: number;
  /** The last one that was written: none is ever the same as one before. */
  readonly lastNote: number;
  /** Whether searches for the caller, or for what is marked, do not tell of it yet: where a store's tags lag. */
  readonly isUnseen: boolean;
  readonly isMarkUnseen: boolean;
  /** Whether it was there, and not marked, when the tags had settled after the request was. */
  readonly isLeft: boolean;
}
export type Phase = 'none' | 'in-force' | 'erasing' | 'erased' | 'undone';

export interface World {
  readonly messages: readonly [Message, Message];
  readonly request: Phase;
  /** How many entries the ledger has. */
  readonly entries: number;
  /** The oldest list that is fresh enough: the bound has passed since. */
  readonly freshFrom: number;
  /** Whether searches are by tags, which tell of what was written only some time after. */
  readonly lags: boolean;
  /** Who has still something to do before the last run of the rule that is looked at. */
  readonly underWay: number;
  /** Whether a message of before the request was marked only by a run of the rule: its day began late. */
  readonly isLate: boolean;
}

const ABSENT: Message = {
  meta: 'none',
  version: 0,
  media: false,
  copies: 0,
  wasThere: false,
  index: false,
  note: 0,
  lastNote: 0,
  isUnseen: false,
  isMarkUnseen: false,
  isLeft: false,
};
export const EMPTY: World = {
  messages: [ABSENT, ABSENT],
  request: 'none',
  entries: 0,
  freshFrom: 0,
  lags: false,
  underWay: 0,
  isLate: false,
};
/** The deposit is done. */
export const DEPOSITED: World = {
  ...EMPTY,
  messages: [{ ...ABSENT, meta: 'live', version: 1, media: true, index: true }, ABSENT],
};

/** Beyond this a version grows no more: enough for every compare-and-set of these actors. */
const MAX_VERSION = 9;
/** Writers of an entry are told apart as far as this. */
const MAX_NOTE = 20;
export const isLive = ({ meta }: Message): boolean => meta === 'live' || meta === 'marked';
export const suppresses = (phase: string | number | undefined): boolean => phase === 'erasing' || phase === 'erased';

export type Step = readonly [World, Place];
export const place = (at: number, ...knows: (string | number)[]): Place => ({ at, knows });
export const put = (world: World, of: 0 | 1, change: Partial<Message>): World => {
  const standing = world.messages[of];
  const lag: Partial<Message> = {
    ...(change.index === true && !standing.index ? { isUnseen: true } : {}),
    ...(change.meta === 'marked' && standing.meta !== 'marked' ? { isMarkUnseen: true } : {}),
    ...(change.meta === undefined ? {} : { isLeft: false }),
  };
  const changed = { ...standing, ...change, ...(world.lags ? lag : {}) };
  return { ...world, messages: of === 0 ? [changed, world.messages[1]] : [world.messages[0], changed] };
};
/** A compare-and-set of the metadata. */
export function cas(world: World, of: 0 | 1, version: number, meta: Meta, won: Place, lost: Place): Step {
  const { version: standing } = world.messages[of];
  if (!isLive(world.messages[of]) || standing !== version || version >= MAX_VERSION) return [world, lost];
  return [put(world, of, { meta, version: version + 1 }), won];
}
/** The entry of a mark is written, whether there is one or not. */
export function noted(world: World, of: 0 | 1): World {
  const note = Math.min(MAX_NOTE, world.messages[of].lastNote + 1);
  return put(world, of, { note, lastNote: note });
}
/** The media of the forward, whatever lies there. */
export const copied = (world: World): World => put(world, 1, { media: true, copies: world.messages[1].copies + 1 });
/** Marks by a compare-and-set; its entry is written the step before. */
export function mark(world: World, of: 0 | 1, at: Place, version: number, places: Marking, off: Rule | null): Step {
  const isToBeNoted = !world.lags && off !== 'marks-are-noted' && at.knows.at(-1) !== 'noted';
  if (isToBeNoted) return [noted(world, of), place(at.at, ...at.knows, 'noted')];
  return cas(world, of, version, 'marked', places.won, places.lost);
}
interface Marking {
  readonly won: Place;
  readonly lost: Place;
}
export const versionOf = (world: World, of: 0 | 1): number => world.messages[of].version;
export const told = (world: World, request: Phase): World => ({ ...world, request, entries: world.entries + 1 });
export const boundPasses = (world: World): World => ({ ...world, freshFrom: world.entries });

export function stopping(step: Actor<World>, stops: boolean): Actor<World> {
  return (world, at) => [...step(world, at), ...(stops && at.at > 0 ? [[world, place(STOPPED)] as const] : [])];
}

/** What must not be so at an end. @param isWhole every attempt ran to its end; else what stopped ones left must at least be found. */
export function faultsOf({ messages, request, lags, isLate }: World, isWhole: boolean): string[] {
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
    if (!lags && message.meta === 'marked' && message.note === 0) faults.push('a mark that no run of the rule finds');
    if (lags && message.meta === 'marked') faults.push('a mark that no request asks for');
  }
  const [source, target] = messages;
  if (request === 'undone' && isLive(source) && target.meta === 'stub' && !target.wasThere)
    faults.push('a forward that is lost');
  if (isLate) faults.push('a message whose day begins with a run of the rule');
  if (request === 'in-force' || request === 'erasing') faults.push('a request that never ends');
  return faults;
}
