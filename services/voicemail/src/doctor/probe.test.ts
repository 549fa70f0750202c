import { StoreError, withFaults, type ObjectStore, type StoreStep } from '@voicemail/object-store';
import { temporaryStore, type TemporaryStore } from '@voicemail/object-store/testing';
import { manualClock, systemClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probe, PROBE_STEPS, type ProbeResult } from './probe.ts';

const KEY = 't100/probes/one';

let made: TemporaryStore;
beforeEach(async () => {
  made = await temporaryStore();
});
afterEach(() => made.dispose());

const refusing = (operation: StoreStep['operation'], nth = 1): ObjectStore =>
  withFaults(made.store, (step) => {
    if (step.operation !== operation || step.nth < nth || step.moment !== 'before') return;
    throw new StoreError('permission-denied', operation, step.key, 'injected');
  });
const failed = (results: readonly ProbeResult[]): readonly string[] =>
  results.flatMap(({ step, outcome }) => (outcome === 'done' ? [] : [`${step} ${outcome}`]));
const left = async (): Promise<readonly string[]> => (await Array.fromAsync(made.store.list(''))).map(({ key }) => key);

describe('a probe', () => {
  it('does every step that the store can do, and leaves nothing', async () => {
    const results = await probe(made.store, KEY, systemClock());
    expect(failed(results)).toEqual([]);
    expect(results.map(({ step }) => step)).toEqual(PROBE_STEPS.filter((step) => step !== 'find'));
    expect(await left()).toEqual([]);
  });

  it('goes on after a step that failed, and takes its object away', async () => {
    expect(failed(await probe(refusing('get'), KEY, systemClock()))).toEqual(['get failed']);
    expect(failed(await probe(refusing('put', 2), KEY, systemClock()))).toEqual(['condition failed']);
    expect(failed(await probe(refusing('tag'), KEY, systemClock()))).toEqual(['tag failed']);
    expect(failed(await probe(refusing('list'), KEY, systemClock()))).toEqual(['list failed']);
    expect(failed(await probe(refusing('check'), KEY, systemClock()))).toEqual(['check failed']);
    expect(await left()).toEqual([]);
  });

  it('tries nothing else where it cannot write, and still takes away what may have been written', async () => {
    expect(failed(await probe(refusing('put'), KEY, systemClock()))).toEqual(['put failed']);
    const lost = withFaults(made.store, ({ operation, key, moment }) => {
      if (operation === 'put' && moment === 'after') throw new StoreError('timeout', operation, key, 'injected');
    });
    expect(failed(await probe(lost, KEY, systemClock()))).toEqual(['put failed']);
    expect(await left()).toEqual([]);
  });

  it('says so where its object stays', async () => {
    expect(failed(await probe(refusing('delete'), KEY, systemClock()))).toEqual(['delete failed']);
    expect(await left()).toEqual([KEY]);
  });

  it('finds a store that writes whatever the condition says', async () => {
    const careless: ObjectStore = {
      ...made.store,
      put: (key, body, { contentType, tags = {} }) => made.store.put(key, body, { contentType, tags }),
    };
    expect(failed(await probe(careless, KEY, systemClock()))).toContain('condition failed');
  });

  it('finds a store that keeps what was deleted', async () => {
    const replica = { what: 'replica', count: 1, why: 'it is copied elsewhere', until: null } as const;
    const keeping: ObjectStore = { ...made.store, purge: async () => ({ erased: 0, left: [replica] }) };
    const results = await probe(keeping, KEY, systemClock());
    expect(failed(results)).toEqual(['purge failed']);
    expect(JSON.stringify(results.map((result) => ('error' in result ? result.error.message : '')))).toContain(
      'it is copied elsewhere',
    );
  });

  it('waits for a tag index that lags, and not for ever', async () => {
    const clock = manualClock(0);
    let looks = 0;
    const lagging: ObjectStore = {
      ...made.store,
      capabilities: { ...made.store.capabilities, tagSearch: true },
      find: async function* () {
        looks += 1;
        void clock.advance(500);
        if (looks === 3) yield KEY;
      },
    };
    expect(failed(await probe(lagging, KEY, clock))).toEqual([]);
    expect(looks).toBe(3);
    expect(failed(await probe(lagging, KEY, clock))).toEqual(['find not-seen']);
  });
});
