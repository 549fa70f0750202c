import { DONE, type Actor, type Place } from '../explore.ts';
import { change, faulty, meta, regionOf, type Region, type Rule, type World } from './world.ts';

type Step = readonly [World, Place];
type Work = 'mark' | 'unmark' | 'delete';
const place = (at: number, ...knows: (string | number)[]): Place => ({ at, knows });
const OVER: Place = place(0);
const ALL: readonly number[] = [0, 1];
/** Where a step goes on that is done with its regions. */
const AFTER = { first: 31, second: 32, rule: 25 } as const;

/**
 * Whoever works on the requests, turn by turn, and runs the rule. A call of a region that is down ends the turn, in a run of the rule the work in that
 * region; so does its death, at any step.
 */
export function worker(off: Rule | null): Actor<World> {
  const step = (world: World, { at, knows }: Place): readonly Step[] => {
    /** A call of a region. */
    const call = (region: Region, next: () => readonly Step[], failed = OVER): readonly Step[] =>
      world.down === region ? [[world, failed]] : next();
    const search = (next: () => readonly Step[]): readonly Step[] =>
      world.down === 'none' || (world.down === 'away' && off === 'part-is-not-whole') ? next() : [[world, OVER]];
    const isUndo = world.forget === 'undone';
    switch (at) {
      case 0:
        return call('home', () => turn(world));
      // Every region is asked whether it is up.
      case 1:
        return call('home', () => {
          if (world.down === 'away' && off !== 'all-up-first') return [[world, OVER]];
          const begun = { ...began(world), beganDown: world.down === 'away' };
          return [[begun, place(begun.forget === 'erasing' ? 60 : 30)]];
        });
      // The two searches, and what each finds.
      case 30:
        return search(() => [[world, worked(world, isUndo ? 'unmark' : 'mark', 'first', off)]]);
      case AFTER.first:
        return search(() => [[world, worked(world, isUndo ? 'unmark' : 'mark', 'second', off)]]);
      case AFTER.second:
        return call('home', () => [[told(world), OVER]]);
      // A run of the rule: what is marked, what was begun; then a search for what is left.
      case 20:
        return call('home', () => [[world, worked(world, 'delete', 'rule', off)]]);
      case AFTER.rule:
        return search(() => {
          const isClean = world.forget === 'marked' && ALL.every((of) => meta(world, of) === 'stub');
          return call('home', () => [[isClean ? { ...world, forget: 'erasing' } : world, OVER]]);
        });
      // The last search.
      case 60:
        return search(() => {
          const isSeen = (of: number): boolean => world.down !== regionOf(of);
          const left = ALL.find((of) => meta(world, of) === 'stub' && world.messages[of]?.media === true && isSeen(of));
          if (left !== undefined) return [[world, place(61, left)]];
          return call('home', () => [[erased(world), OVER]]);
        });
      case 61:
        return call(regionOf(Number(knows[0])), () => [[change(world, Number(knows[0]), { media: false }), place(60)]]);
      default:
        return inRegion(world, { at, knows }, off);
    }
  };
  return (world, at) => [...step(world, at), ...(at.at > 0 ? [[world, OVER] as const] : [])];
}

/** What a turn may begin with: the request whose turn it is, else the erasure; a run of the rule; the end. */
function turn(world: World): readonly Step[] {
  const { forget, undo, intents } = world;
  const isForgets = forget === 'accepted' || forget === 'running';
  const isUndos = undo === 'accepted' || undo === 'running';
  const steps: Step[] = isForgets || isUndos || forget === 'erasing' ? [[world, place(1)]] : [];
  if (forget !== 'accepted') steps.push([{ ...world, beganDown: false }, place(20)]);
  // Runs of the rule go on for good: what was begun is finished by one of them.
  const isOver = (forget === 'erased' || forget === 'undone') && (undo === 'not-asked' || undo === 'undone');
  if (isOver && !intents.some((intent) => intent.startsWith('delete'))) steps.push([world, place(DONE)]);
  return steps;
}

/** The request whose turn it is has begun: an undo takes the forget back. */
function began(world: World): World {
  if (world.forget === 'accepted') return { ...world, forget: 'running' };
  if (world.forget === 'running' || world.undo === 'running' || world.undo !== 'accepted') return world;
  return { ...world, undo: 'running', forget: world.forget === 'erased' ? 'erased' : 'undone' };
}

function told(world: World): World {
  if (world.undo === 'running') return { ...world, undo: 'undone' };
  if (world.forget !== 'running') return world;
  const isWhole = world.messages.every(
    ({ meta: standing, isTagged }) => standing !== 'live' && (isTagged || standing === 'stub'),
  );
  const marked: World = { ...world, forget: 'marked' };
  return isWhole ? marked : faulty(marked, 'a request that is marked, and not all of it is');
}

function erased(world: World): World {
  const after: World = { ...world, forget: 'erased' };
  return world.messages.some(({ media }) => media)
    ? faulty(after, 'a request that is erased, and a recording is there')
    : after;
}

const intentsOf = (world: World, work: Work, region: Region): number[] =>
  ALL.filter((of) => world.intents.includes(`${work} ${region} ${of}`));

/** What is to be done in each region after a look: `knows` of the work is its name, where it goes on, the region, what waits for the other one, things. */
function worked(world: World, work: Work, next: keyof typeof AFTER, off: Rule | null): Place {
  const isOurs = (of: number): boolean =>
    off !== 'half-done-is-finished' && world.forget === 'running' && meta(world, of) === 'marked';
  const isFresh = (of: number): boolean => meta(world, of) === 'live';
  const isKept =
    work === 'delete' && (world.undo === 'accepted' || world.forget === 'running' || world.forget === 'undone');
  const isMarked = (of: number): boolean => meta(world, of) === 'marked' && !isKept;
  const home = ALL.filter((of) =>
    work === 'mark' ? isFresh(of) || (of === 0 && isOurs(of)) : of === 0 && isMarked(of),
  );
  const away = work === 'mark' ? isFresh(1) || isOurs(1) : isMarked(1);
  return begin(world, work, next, 'home', away ? 1 : 0, home);
}

/** The work in a region, with what was begun there before; none, and the next one's turn. */
function begin(
  world: World,
  work: Work,
  next: keyof typeof AFTER,
  region: Region,
  away: number,
  things: readonly number[],
): Place {
  const all = [...new Set([...intentsOf(world, work, region), ...things])].toSorted((a, b) => a - b);
  if (all.length > 0) return place(3, work, next, region, away, ...all);
  return region === 'home' ? begin(world, work, next, 'away', away, away === 1 ? [1] : []) : place(AFTER[next]);
}

/** The work with things in one region: the ledger says so, each is done, the ledger says so. */
function inRegion(world: World, { at, knows }: Place, off: Rule | null): readonly Step[] {
  const [work, next, region] = knows as unknown as [Work, keyof typeof AFTER, Region];
  const away = Number(knows[3]);
  const things = knows.slice(4).map(Number);
  const passed = region === 'home' ? begin(world, work, next, 'away', away, away === 1 ? [1] : []) : place(AFTER[next]);
  // A run of the rule goes on elsewhere.
  const failed = work === 'delete' ? passed : OVER;
  const names = things.map((of) => `${work} ${region} ${of}`);
  if (at === 3) {
    if (world.down === 'home') return [[world, failed]];
    const intents = [...new Set([...world.intents, ...names])].toSorted();
    return [[off === 'intents-before-deeds' ? world : { ...world, intents }, place(4, ...knows)]];
  }
  // Of each thing, in any order, one step after the other: place 4 is between things, above it is within one.
  if (at === 4) {
    if (things.length > 0)
      return things.map((of) => [world, place(5, ...knows.slice(0, 4), of, ...things.filter((one) => one !== of))]);
    return world.down === 'home' ? [[world, failed]] : [[{ ...world, intents: done(world, work, region) }, passed]];
  }
  const [of = 0, ...others] = things;
  const thing = deeds(world, of, work, region, off)[at - 5];
  if (thing === undefined) return [[world, place(4, ...knows.slice(0, 4), ...others)]];
  return world.down === thing.region ? [[world, failed]] : [[thing.done, place(at + 1, ...knows)]];
}

const done = ({ intents }: World, work: Work, region: Region): readonly string[] =>
  intents.filter((intent) => !intent.startsWith(`${work} ${region}`));

/** What is done with one thing, call by call. */
function deeds(
  world: World,
  of: number,
  work: Work,
  region: Region,
  off: Rule | null,
): readonly { readonly region: Region; readonly done: World }[] {
  const standing = meta(world, of);
  const media = regionOf(of);
  const isThere = world.messages[of]?.media === true;
  const tag = { region: media, done: isThere ? change(world, of, { isTagged: standing === 'marked' }) : world };
  if (work === 'mark') {
    const mark = { region: 'home' as const, done: standing === 'live' ? change(world, of, { meta: 'marked' }) : world };
    if (region === 'away') return [tag];
    return media === 'home' ? [mark, tag] : [mark];
  }
  if (work === 'unmark') {
    const untag = { region: media, done: standing === 'marked' ? change(world, of, { isTagged: false }) : world };
    const record = {
      region: 'home' as const,
      done: standing === 'marked' ? change(world, of, { meta: 'live' }) : world,
    };
    if (off !== 'tag-goes-first') return [untag, record];
    return [record, { region: media, done: change(world, of, { isTagged: false }) }];
  }
  // One that is asked for no more as it is deleted stays; one that is a stub is announced and erased again.
  const isAsked = world.undo !== 'accepted' && world.forget !== 'undone';
  const stub = {
    region: 'home' as const,
    done: standing === 'marked' && isAsked ? change(world, of, { meta: 'stub' }) : world,
  };
  if (standing !== 'stub') return [stub, { region: 'home', done: world }, { region: media, done: world }];
  return [
    stub,
    { region: 'home', done: change(world, of, { isTold: true }) },
    { region: media, done: change(world, of, { media: false, isTagged: false }) },
  ];
}
