import { isLongForm } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { explore, type Actor } from '../explore.ts';
import { deposit } from './deposit.ts';
import { forward, stoppedForward } from './forward.ts';
import { counted, laggingWorld, laterRun, tagsShow } from './lagging-tags.ts';
import { saga } from './saga.ts';
import { agentReads, userDeletes } from './users.ts';
import { takesBack } from './withdraw.ts';
import { DEPOSITED, EMPTY, faultsOf, type Rule, type World } from './world.ts';

interface Scene {
  readonly name: string;
  readonly actors: (off: Rule | null) => readonly Actor<World>[];
  /** Those that must come to their end. */
  readonly must: readonly number[];
  readonly from?: World;
}

const EVERY_FORWARD: Scene = {
  name: 'a forward that stops anywhere, a run that takes it back, and its repetition',
  from: DEPOSITED,
  actors: (off) => [saga(true, off), forward(true, off), forward(false, off), takesBack(off)],
  must: [0],
};

const SCENES: readonly Scene[] = [
  { name: 'one deposit', actors: (off) => [deposit(false, off), saga(false, off)], must: [0, 1] },
  {
    name: 'an attempt that stops anywhere, and its redelivery',
    actors: (off) => [deposit(true, off), deposit(false, off), saga(false, off)],
    must: [1, 2],
  },
  {
    name: 'two attempts at once',
    actors: (off) => [deposit(false, off), deposit(false, off), saga(false, off)],
    must: [0, 1, 2],
  },
  {
    name: 'an undo or none',
    actors: (off) => [deposit(true, off), deposit(false, off), saga(true, off)],
    must: [1, 2],
  },
  {
    name: 'an agent who listens',
    actors: (off) => [deposit(true, off), deposit(false, off), saga(true, off), agentReads],
    must: [1, 2],
  },
  {
    name: 'a user who deletes',
    actors: (off) => [deposit(true, off), deposit(false, off), saga(false, off), userDeletes],
    must: [1, 2],
  },
  { name: 'a forward', actors: (off) => [deposit(false, off), saga(true, off), forward(false, off)], must: [0, 1] },
  {
    name: 'a forward whose source is deleted',
    actors: (off) => [deposit(false, off), saga(false, off), forward(false, off), userDeletes],
    must: [0, 1],
  },
  {
    name: 'a forward that sleeps or stops while a run takes it back',
    from: DEPOSITED,
    actors: (off) => [saga(true, off), forward(true, off), takesBack(off)],
    must: [0],
  },
  {
    name: 'a forward that stopped before its copy, a run that takes it back, and its repetition',
    from: DEPOSITED,
    actors: (off) => [saga(true, off), stoppedForward, forward(false, off), takesBack(off)],
    must: [0],
  },
  // Some 800,000 states.
  ...(isLongForm() ? [EVERY_FORWARD] : []),
];

/** Where a store's tags lag: those that must come to their end, and others. */
const LAGGING: readonly (Omit<Scene, 'must'> & { readonly others: readonly Actor<World>[] })[] = [
  { name: 'a deposit', actors: (off) => [deposit(false, off), saga(true, off)], others: [] },
  {
    name: 'an attempt that stops anywhere, and its redelivery',
    actors: (off) => [deposit(false, off), saga(true, off)],
    others: [deposit(true, null)],
  },
  { name: 'a forward', actors: (off) => [deposit(false, off), saga(true, off)], others: [forward(false, null)] },
];

function exploreLagging({ actors, others }: (typeof LAGGING)[number], off: Rule | null) {
  const must = actors(off).map((actor) => counted(actor, true));
  const all = [...must, laterRun(off), tagsShow, ...others.map((actor) => counted(actor, false))];
  return explore(laggingWorld(must.length), all, [...must.keys(), must.length], faultsOf);
}

/** More states than any scene here has: one that grows beyond has lost its way. */
const MAX_STATES = 1_000_000;

describe('the protocol of a forget, in every interleaving', () => {
  it.each(SCENES)(
    'holds with $name',
    ({ actors, must, from = EMPTY }) => {
      const { states, ends, faults } = explore(from, actors(null), must, faultsOf);
      expect(Object.fromEntries(faults)).toEqual({});
      expect(ends).toBeGreaterThan(0);
      expect(states).toBeLessThan(MAX_STATES);
    },
    120_000,
  );

  it.each([
    ['index-first', 'a recording of an erased caller that no search finds'],
    ['freshness-after-write', 'a live message of an erased caller'],
    ['index-lives-with-stub', 'a recording of an erased caller that no search finds'],
    ['erasing-before-erased', 'a live message of an erased caller'],
    ['forwards-are-judged', 'a live message of an erased caller'],
    ['marks-are-noted', 'a mark that no run of the rule finds'],
    ['forwards-are-noted', 'a mark that no run of the rule finds'],
    ['entries-go-as-seen', 'a mark that no run of the rule finds'],
    ['claims-give-way', 'a forward that is lost'],
    ['claims-are-met-anew', 'a mark that no run of the rule finds'],
  ] as const)(
    'does not hold without %s',
    (off, fault) => {
      const isOfClaims = off.startsWith('claims');
      const found = SCENES.filter((scene) => (scene.from !== undefined) === isOfClaims && scene !== EVERY_FORWARD)
        .filter(({ name }) => !/agent|user|source/.test(name))
        .flatMap(({ actors, must, from = EMPTY }) => [...explore(from, actors(off), must, faultsOf).faults.keys()]);
      expect(found).toContain(fault);
    },
    120_000,
  );

  it.each(LAGGING)(
    'holds with $name where tags lag',
    (scene) => {
      const { states, ends, faults } = exploreLagging(scene, null);
      expect(Object.fromEntries(faults)).toEqual({});
      expect(ends).toBeGreaterThan(0);
      expect(states).toBeLessThan(MAX_STATES);
    },
    120_000,
  );

  it.each([
    ['search-when-settled', 'a message whose day begins with a run of the rule'],
    ['later-runs-go-on', 'a live message of an erased caller'],
    ['later-runs-go-on', 'a mark that no request asks for'],
  ] as const)(
    'does not hold where tags lag without %s: %s',
    (off, fault) => {
      expect([...exploreLagging(LAGGING[0]!, off).faults.keys()]).toContain(fault);
    },
    120_000,
  );
});
