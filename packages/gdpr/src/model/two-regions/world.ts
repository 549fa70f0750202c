/**
 * A forget of two messages, and maybe its undo, over two regions of which one may go down at any call, and come back. The records of both messages and
 * the ledger are at home, in the master region; the recording of the one is at home, that of the other away.
 * What is marked is found by tags, as a stub is not: where a mark has an entry of its own, that outlives the stub and tells of its deletion as well.
 */

/** What may be switched off, to see that it is needed. */
export type Rule =
  /** Nothing begins before every region answers. */
  | 'all-up-first'
  /** While a request has not told that all is marked, what it marked before is looked at again. */
  | 'half-done-is-finished'
  /** The ledger says what is about to be done before it is. */
  | 'intents-before-deeds'
  /** A search of which a region does not answer is none. */
  | 'part-is-not-whole'
  /** An undo takes the tag from the recording before it changes the metadata. */
  | 'tag-goes-first';

export type Region = 'home' | 'away';
export const REGIONS: readonly Region[] = ['home', 'away'];
/** The region of each message's recording. */
export const regionOf = (of: number): Region => (of === 0 ? 'home' : 'away');

export interface Message {
  readonly meta: 'live' | 'marked' | 'stub';
  readonly media: boolean;
  /** Whether the recording says that it is marked. */
  readonly isTagged: boolean;
  /** Whether its deletion was announced. */
  readonly isTold: boolean;
}

export interface World {
  readonly messages: readonly Message[];
  readonly forget: 'accepted' | 'running' | 'marked' | 'erasing' | 'erased' | 'undone';
  readonly undo: 'not-asked' | 'accepted' | 'running' | 'undone';
  /** What the ledger says to be begun and not done: step, region and message. */
  readonly intents: readonly string[];
  readonly down: Region | 'none';
  /** How often a region may still go down. */
  readonly outages: number;
  /** Whether a region was down as the turn looked. */
  readonly beganDown: boolean;
  /** What went wrong on the way. */
  readonly faults: readonly string[];
}

const MESSAGE: Message = { meta: 'live', media: true, isTagged: false, isTold: false };
export const worldOf = (outages: number): World => ({
  messages: [MESSAGE, MESSAGE],
  forget: 'accepted',
  undo: 'not-asked',
  intents: [],
  down: 'none',
  outages,
  beganDown: false,
  faults: [],
});

export const faulty = (world: World, fault: string): World =>
  world.faults.includes(fault) ? world : { ...world, faults: [...world.faults, fault].toSorted() };

/** A change of a message. */
export function change(world: World, of: number, to: Partial<Message>): World {
  const standing = world.messages[of];
  if (standing === undefined) return world;
  const message = { ...standing, ...to };
  const changed = { ...world, messages: world.messages.with(of, message) };
  if (world.beganDown) return faulty(changed, 'a message that is touched while a region is down');
  // A store's own rule would delete it.
  const isWrong = message.meta === 'live' && message.isTagged;
  return isWrong ? faulty(changed, 'a recording that is tagged though its message is not marked') : changed;
}

export const meta = (world: World, of: number): Message['meta'] => world.messages[of]?.meta ?? 'stub';

/** What must not be so at an end. */
export function faultsOf(world: World): string[] {
  const faults = [...world.faults];
  for (const { meta: standing, media, isTold } of world.messages) {
    if (world.forget === 'erased' && standing !== 'stub') faults.push('a live message of an erased caller');
    if (standing === 'stub' && media) faults.push('a recording of a deleted message');
    if (standing === 'stub' && !isTold) faults.push('a deletion that nobody was told of');
    if (world.forget === 'undone' && standing === 'marked') faults.push('a mark that no request asks for');
  }
  return faults;
}
