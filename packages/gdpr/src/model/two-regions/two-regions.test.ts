import { describe, expect, it } from 'vitest';
import { explore } from '../explore.ts';
import { asksToUndo, outage } from './others.ts';
import { worker } from './worker.ts';
import { faultsOf, worldOf, type Rule } from './world.ts';

interface Scene {
  readonly name: string;
  readonly outages: number;
  readonly isUndone: boolean;
}
const SCENES: readonly Scene[] = [
  { name: 'a forget', outages: 2, isUndone: false },
  { name: 'a forget and its undo', outages: 2, isUndone: true },
];

/** More states than any scene here has: one that grows beyond has lost its way. */
const MAX_STATES = 500_000;

function explored({ outages, isUndone }: Scene, off: Rule | null) {
  const actors = [worker(off), outage, ...(isUndone ? [asksToUndo] : [])];
  return explore(worldOf(outages), actors, isUndone ? [0, 2] : [0], faultsOf);
}

describe('over regions that go down at any call and come back, in every interleaving', () => {
  it.each(SCENES)(
    '$name ends whole',
    (scene) => {
      const { states, ends, faults } = explored(scene, null);
      expect(Object.fromEntries(faults)).toEqual({});
      expect(ends).toBeGreaterThan(0);
      expect(states).toBeLessThan(MAX_STATES);
    },
    120_000,
  );

  it.each([
    ['all-up-first', false, 'a message that is touched while a region is down'],
    ['half-done-is-finished', false, 'a request that is marked, and not all of it is'],
    ['intents-before-deeds', false, 'a deletion that nobody was told of'],
    ['intents-before-deeds', true, 'a recording of a deleted message'],
    ['part-is-not-whole', false, 'a request that is erased, and a recording is there'],
    ['tag-goes-first', true, 'a recording that is tagged though its message is not marked'],
  ] as const)(
    'not without %s (with an undo: %s)',
    (off, isUndone, fault) => {
      const { faults } = explored({ name: '', outages: 2, isUndone }, off);
      expect([...faults.keys()]).toContain(fault);
    },
    120_000,
  );
});
