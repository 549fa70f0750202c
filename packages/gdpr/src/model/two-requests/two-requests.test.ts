import { describe, expect, it } from 'vitest';
import { explore } from '../explore.ts';
import { faultsOf } from './faults.ts';
import { asking, deposit } from './others.ts';
import { overtaken } from './overtaken.ts';
import { worker } from './worker.ts';
import { worldOf, type Rule } from './world.ts';

const FORGET = ['forget', 1] as const;
const LATER_FORGET = ['forget', 2] as const;
const UNDO = ['undo', 0] as const;

interface Scene {
  readonly name: string;
  readonly asked: Parameters<typeof worldOf>[0];
  readonly messages: readonly (typeof THERE | typeof COMES)[];
  readonly overtaken?: Parameters<typeof overtaken>[0];
}
/** From the start, or at any time. */
const THERE = 'is there';
const COMES = 'comes';

const SCENES: readonly Scene[] = [
  { name: 'one forget', asked: [FORGET], messages: [COMES, COMES] },
  { name: 'a second forget with a later cutoff', asked: [FORGET, LATER_FORGET], messages: [THERE, COMES] },
  { name: 'a second forget and what comes late', asked: [FORGET, LATER_FORGET], messages: [COMES, THERE] },
  { name: 'an undo', asked: [FORGET, UNDO], messages: [COMES, THERE] },
  { name: 'an undo of two forgets', asked: [FORGET, LATER_FORGET, UNDO], messages: [COMES] },
  { name: 'a forget after an undo', asked: [FORGET, UNDO, LATER_FORGET], messages: [COMES] },
  {
    name: 'a worker overtaken at a forget that is undone',
    asked: [FORGET, UNDO],
    messages: [COMES],
    overtaken: 'forget',
  },
  {
    name: 'a worker overtaken at a forget that is undone and asked for anew',
    asked: [FORGET, UNDO, LATER_FORGET],
    messages: [THERE],
    overtaken: 'forget',
  },
  {
    name: 'a worker overtaken at an undo before another forget',
    asked: [FORGET, UNDO, LATER_FORGET],
    messages: [THERE],
    overtaken: 'undo',
  },
  {
    name: 'a worker overtaken at a run of the rule',
    asked: [FORGET, UNDO, LATER_FORGET],
    messages: [THERE],
    overtaken: 'rule',
  },
];

/** More states than any scene here has: one that grows beyond has lost its way. */
const MAX_STATES = 1_000_000;

function explored({ asked, messages, overtaken: late }: Scene, off: Rule | null) {
  const deposits = messages.flatMap((when, of) => (when === COMES ? [deposit(of, off)] : []));
  const must = [worker(off), asking, ...deposits];
  const actors = late === undefined ? must : [...must, overtaken(late, off)];
  const world = worldOf(
    asked,
    messages.map((when) => when === THERE),
  );
  return explore(world, actors, [...must.keys()], faultsOf);
}

describe('requests about one caller, in every interleaving', () => {
  it.each(SCENES)(
    'hold with $name',
    (scene) => {
      const { states, ends, faults } = explored(scene, null);
      expect(Object.fromEntries(faults)).toEqual({});
      expect(ends).toBeGreaterThan(0);
      expect(states).toBeLessThan(MAX_STATES);
    },
    120_000,
  );

  it.each([
    ['in-order', 'an undo', 'a forget that goes on after its undo'],
    ['undo-that-waits-keeps', 'an undo', 'a message that is deleted while its undo waits'],
    ['numbers-stay-while-needed', 'a second forget with a later cutoff', 'a live message of an erased caller'],
    ['own-cutoff', 'one forget', 'a message from after the cutoff that is touched'],
    [
      'marks-in-force-stay',
      'a worker overtaken at an undo before another forget',
      'a mark that is in force is taken back',
    ],
    [
      'marks-in-force-stay',
      'a worker overtaken at a forget that is undone and asked for anew',
      'a mark that is in force is taken back',
    ],
    ['unasked-marks-go', 'a worker overtaken at a forget that is undone', 'a mark that no request asks for'],
    [
      'deletes-what-is-asked-for',
      'a worker overtaken at a forget that is undone',
      'a message that is deleted though no request asks for it',
    ],
  ] as const)(
    'do not hold without %s: %s',
    (off, name, fault) => {
      const scene = SCENES.find((one) => one.name === name)!;
      expect([...explored(scene, off).faults.keys()]).toContain(fault);
    },
    120_000,
  );
});
