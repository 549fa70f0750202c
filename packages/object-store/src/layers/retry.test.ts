import { manualClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../port.ts';
import { StoreError, type StoreErrorKind } from '../store-error.ts';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { withFaults, type FaultPlan } from './faults.ts';
import { withRetry } from './retry.ts';

const TEXT = { contentType: 'text/plain' };
const POLICY = { maxAttempts: 4, baseMs: 100, maxMs: 1_000 };

let made: TemporaryStore;

beforeEach(async () => {
  pauses = [];
  made = await temporaryStore({}, memoryFolder());
});

afterEach(() => made.dispose());

/** Fails the first calls, before they have an effect unless told otherwise. */
function failing(
  times: number,
  kind: StoreErrorKind,
  { moment = 'before', retryAfterMs = null }: { moment?: 'before' | 'after'; retryAfterMs?: number | null } = {},
): { readonly plan: FaultPlan; readonly calls: () => number } {
  let calls = 0;
  return {
    plan: (step) => {
      if (step.moment === 'before') calls += 1;
      if (step.moment !== moment || step.nth > times) return;
      throw new StoreError(kind, step.operation, step.key, 'injected', { retryAfterMs });
    },
    calls: () => calls,
  };
}

/** The pauses of a store with faults that is tried again, in ms; each is the longest that jitter allows, and over at once. */
let pauses: number[];

const retrying = (plan: FaultPlan): ObjectStore =>
  withRetry(withFaults(made.store, plan), POLICY, {
    clock: { ...manualClock(0), sleep: async (ms) => void pauses.push(ms) },
    ids: { random: () => 1 },
  });

describe('a store that is tried again', () => {
  it.each(['unavailable', 'busy', 'timeout', 'unknown'] as const)('answers after moments of %s', async (kind) => {
    const { plan, calls } = failing(3, kind);
    expect(await retrying(plan).put('k', Buffer.from('x'), TEXT)).toMatchObject({ size: 1 });
    expect(calls()).toBe(4);
    expect(pauses).toEqual([100, 200, 400]);
  });

  it('gives up after its attempts, with what the last one failed with', async () => {
    const { plan, calls } = failing(99, 'unavailable');
    const last = { name: 'StoreError', kind: 'unavailable', operation: 'head', key: 'k' };
    await expect(retrying(plan).head('k')).rejects.toMatchObject(last);
    expect(calls()).toBe(4);
  });

  it.each(['condition-failed', 'not-found', 'invalid-range', 'permission-denied', 'full', 'corrupt'] as const)(
    'tells %s at once',
    async (kind) => {
      const { plan, calls } = failing(99, kind);
      await expect(retrying(plan).get('k')).rejects.toMatchObject({ kind });
      expect([calls(), pauses]).toEqual([1, []]);
    },
  );

  it('waits as long as the store asks, up to its own limit', async () => {
    const asked = failing(1, 'busy', { retryAfterMs: 600 });
    await retrying(asked.plan).head('k');
    const long = failing(1, 'busy', { retryAfterMs: 3_600_000 });
    await retrying(long.plan).head('k');
    expect(pauses).toEqual([600, POLICY.maxMs]);
  });

  it('does not read a stream twice', async () => {
    const { plan, calls } = failing(1, 'unavailable');
    const body = (async function* () {
      yield Buffer.from('x');
    })();
    await expect(retrying(plan).put('k', body, TEXT)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(calls()).toBe(1);
  });

  it('may find its own write in its way, where the answer was lost', async () => {
    const { plan } = failing(1, 'unavailable', { moment: 'after' });
    const put = retrying(plan).put('k', Buffer.from('x'), { ...TEXT, condition: { absent: true } });
    await expect(put).rejects.toMatchObject({ kind: 'condition-failed' });
    expect((await made.store.head('k'))?.size).toBe(1);
  });

  it('lists again while nothing was listed, and never gives an object twice', async () => {
    await made.store.put('a/1', Buffer.from('x'), TEXT);
    await made.store.put('a/2', Buffer.from('x'), TEXT);
    const early = failing(2, 'busy');
    const listed = await Array.fromAsync(retrying(early.plan).list('a/'));
    expect(listed.map(({ key }) => key)).toEqual(['a/1', 'a/2']);
    const late = failing(1, 'busy', { moment: 'after' });
    await expect(Array.fromAsync(retrying(late.plan).list('a/'))).rejects.toMatchObject({ kind: 'busy' });
  });
});
