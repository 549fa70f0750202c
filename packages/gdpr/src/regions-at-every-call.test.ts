import { openWorld, type World } from '@voicemail/message-store/testing';
import { StoreError, withFaults } from '@voicemail/object-store';
import { memoryFolder, temporaryStore } from '@voicemail/object-store/testing';
import { isLongForm, isWhole } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { endOf, objectsOf } from './testing/end-of.ts';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld, type Worker } from './testing/gdpr-world.ts';

const REGIONS = ['westus2', 'westeurope', 'southindia'] as const;
const MASTER = 'westus2';
/** More calls than any operation here makes of a region: a test that reaches it has lost its way. */
const MAX_CALLS = 400;
/** Every call; in the short form every so manyeth: the master's store is called ten times as often as the others'. */
const strideOfMaster = isLongForm() ? 1 : isWhole() ? 7 : 41;
const strideOfOthers = isWhole() ? 1 : 5;
const strideOf = (region: string): number => (region === MASTER ? strideOfMaster : strideOfOthers);
const signal = new AbortController().signal;

/** Volumes in three regions. */
async function threeRegions(): Promise<World> {
  const two = await openWorld();
  const third = await temporaryStore({ region: 'southindia', clock: two.clock }, memoryFolder());
  const behind: World['behind'] = (layer) => {
    const stores = two.behind(layer);
    const store = layer(third.store, 'southindia');
    return { ...stores, regions: [...stores.regions, { name: 'southindia', store }] };
  };
  return {
    ...two,
    behind,
    stores: behind((store) => store),
    remove: async () => {
      await Promise.all([two.remove(), third.dispose()]);
    },
  };
}

/** Stores of which one region goes down at a call, before it has an effect or when it had, and comes back when it is told to. */
function failing(world: GdprWorld, region: string, downFrom: number) {
  const state = { calls: 0, isBack: false };
  const stores = world.world.behind((store, name) =>
    name !== region
      ? store
      : withFaults(store, ({ operation, key }) => {
          state.calls += 1;
          if (!state.isBack && state.calls >= downFrom)
            throw new StoreError('unavailable', operation, key, 'the region is down');
        }),
  );
  return { state, stores };
}

interface Case {
  readonly name: string;
  readonly prepare: (world: GdprWorld) => Promise<void>;
  /** One attempt, which may come to nothing. */
  readonly run: (worker: Worker) => Promise<unknown>;
  /** Whether it touches what it can in the other regions while one is down. */
  readonly goesOn: boolean;
  /** The request. */
  readonly id: string;
}

const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();

async function deposits(world: GdprWorld): Promise<void> {
  for (const [index, region] of REGIONS.entries()) await world.deposit({ messageId: `m${index + 1}`, region });
  await world.deposit({ messageId: 'other', callerId: '+15551212999' });
}
async function ask(world: GdprWorld, id: string, operation: 'forgetme' | 'undoforget' | 'exportme'): Promise<Worker> {
  const worker = world.worker();
  await worker.gdpr.take(worker.stores, request(id, operation, at(world), CALLER), at(world));
  return worker;
}
const work = (worker: Worker): Promise<unknown> => worker.gdpr.work(worker.stores, signal);

const CASES: readonly Case[] = [
  {
    name: 'a forget',
    prepare: async (world) => {
      await deposits(world);
      await ask(world, 'f1', 'forgetme');
    },
    run: work,
    goesOn: false,
    id: 'f1',
  },
  {
    name: 'an undo',
    prepare: async (world) => {
      await deposits(world);
      await (await ask(world, 'f1', 'forgetme')).work();
      await ask(world, 'u1', 'undoforget');
    },
    run: work,
    goesOn: false,
    id: 'u1',
  },
  {
    name: 'an export',
    prepare: async (world) => {
      await deposits(world);
      await ask(world, 'e1', 'exportme');
    },
    run: work,
    goesOn: false,
    id: 'e1',
  },
  {
    name: 'the run of the rule that deletes, and the erasure',
    prepare: async (world) => {
      await deposits(world);
      await (await ask(world, 'f1', 'forgetme')).work();
      await world.clock.advance(DAY_MS);
    },
    run: async (worker) => {
      await worker.gdpr.runRule(worker.stores, signal);
      await worker.gdpr.work(worker.stores, signal);
    },
    goesOn: true,
    id: 'f1',
  },
];

/** Runs it once: what a store that is down makes of it is no failure of the test. */
async function attempt(world: GdprWorld, run: Case['run'], worker: Worker): Promise<void> {
  await world.whileTimePasses(run(worker)).catch((error: unknown) => expect(error).toBeInstanceOf(StoreError));
}

async function undisturbed({ prepare, run }: Case): Promise<unknown> {
  await using world = await openGdprWorld(threeRegions);
  await prepare(world);
  const worker = world.worker();
  await attempt(world, run, worker);
  return await endOf(world, worker);
}

describe.each(CASES)('$name', (one) => {
  const { prepare, run, goesOn, id } = one;

  it.each(REGIONS)(
    'when %s goes down at any call of its store touches nothing until it is back, and then ends in the same place',
    async (region) => {
      const end = await undisturbed(one);
      const stride = strideOf(region);
      let hits = 0;
      for (let downFrom = 1; downFrom < MAX_CALLS; downFrom += stride) {
        await using world = await openGdprWorld(threeRegions);
        await prepare(world);
        const { state, stores } = failing(world, region, downFrom);
        const worker = world.worker({ stores });
        await attempt(world, run, worker);
        if (state.calls < downFrom) break;
        hits += 1;
        const left = await objectsOf(world.world.stores);
        // The lease of the one that could not give it back runs out.
        await world.clock.advance(60_000);
        await attempt(world, run, world.worker({ stores }));
        if (!goesOn) {
          expect(await objectsOf(world.world.stores), `${region} down from call ${downFrom}`).toEqual(left);
          const standing = await world.worker().request(id);
          const isOver =
            standing?.phase !== 'running' && standing?.phase !== 'accepted' && standing?.phase !== 'waiting';
          if (!isOver && region !== MASTER)
            expect(standing, `${region} down from call ${downFrom}`).toMatchObject({
              phase: 'waiting',
              waitsFor: [region],
            });
        }
        state.isBack = true;
        await world.clock.advance(60_000);
        await attempt(world, run, worker);
        expect(await endOf(world, worker), `${region} down from call ${downFrom}`).toEqual(end);
      }
      expect(hits * stride).toBeGreaterThan(3);
      expect(hits * stride).toBeLessThan(MAX_CALLS);
    },
    120_000,
  );
});
