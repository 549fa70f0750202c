import { StoreError, withFaults } from '@voicemail/object-store';
import { expect, it } from 'vitest';
import { LIST_BOUND_MS, WORK_CONCURRENCY } from './limits.ts';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from './testing/gdpr-world.ts';

const COUNT = 3 * WORK_CONCURRENCY + 5;
const FAILING = 'm3';

async function recordings({ world }: GdprWorld): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const { store } of world.stores.regions)
    for await (const { key } of store.list('t100/mailboxes/')) if (key.includes('/media.')) keys.push(key);
  return keys;
}

it('of many deletions one that fails leaves nothing at work, and nothing erased that nobody was told of; the next run erases the rest', async () => {
  await using world = await openGdprWorld();
  const ids = Array.from({ length: COUNT }, (_, index) => `m${index}`);
  await Promise.all(ids.map((messageId) => world.deposit({ messageId, region: 'westus2' })));
  let isOver = false;
  let failures = 1;
  /** Calls after the run was over, and erasures of what nobody had been told of. */
  const [late, untold]: [string[], string[]] = [[], []];
  const stores = world.world.behind((store) =>
    withFaults(store, async ({ moment, operation, key }) => {
      if (moment !== 'before' || operation !== 'delete' || key?.includes('/media.') !== true) return;
      if (isOver) late.push(key);
      if ((await world.facts('deleted')).size === 0) untold.push(key);
      if (!key.includes(`/${FAILING}/`) || failures === 0) return;
      failures -= 1;
      throw new StoreError('unavailable', operation, key, 'the region went down');
    }),
  );
  const worker = world.worker({ stores });
  const at = new Date(world.clock.now()).toISOString();
  await worker.gdpr.take(stores, request('f1', 'forgetme', at, CALLER), at);
  await worker.work();
  await world.clock.advance(DAY_MS);

  const first = await world.whileTimePasses(worker.gdpr.runRule(stores, new AbortController().signal));
  isOver = true;
  expect(failures).toBe(0);
  expect((await recordings(world)).some((key) => key.includes(`/${FAILING}/`))).toBe(true);
  expect([late, untold]).toEqual([[], []]);

  isOver = false;
  const second = await worker.rule();
  const told = [...first.deleted, ...second.deleted].map(({ messageId }) => messageId);
  expect(told.toSorted()).toEqual(Array.from({ length: COUNT }, (_, index) => `m${index}`).toSorted());
  expect([first.kept, second.kept]).toEqual([COUNT - first.deleted.length, 0]);
  expect(await recordings(world)).toEqual([]);
  expect((await world.facts('deleted')).size).toBe(COUNT);
  expect((await worker.request('f1'))?.phase).toBe('erased');
});

it('requests that one run leaves to be erased wait together for those who judge deposits, not one after the other', async () => {
  await using world = await openGdprWorld();
  const callers = Array.from({ length: 12 }, (_, index) => `+1555121${3000 + index}`);
  const worker = world.worker();
  for (const [index, callerId] of callers.entries()) {
    await world.deposit({ messageId: `m${index}`, callerId });
    const at = new Date(world.clock.now()).toISOString();
    await worker.gdpr.take(worker.stores, request(`f${index}`, 'forgetme', at, callerId), at);
  }
  await worker.work();
  await world.clock.advance(DAY_MS);
  await world.whileTimePasses(worker.gdpr.runRule(worker.stores, new AbortController().signal));
  const phases = async (): Promise<Set<string | undefined>> => {
    const standing = await Promise.all(callers.map((_caller, index) => worker.request(`f${index}`)));
    return new Set(standing.map((one) => one?.phase));
  };
  expect(await phases()).toEqual(new Set(['erasing']));
  const beganMs = world.clock.now();
  await worker.work();
  expect(await phases()).toEqual(new Set(['erased']));
  const tookMs = world.clock.now() - beganMs;
  expect(tookMs).toBeGreaterThanOrEqual(LIST_BOUND_MS);
  expect(tookMs).toBeLessThan(3 * LIST_BOUND_MS);
});
