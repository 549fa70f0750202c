import { listMarked, markMessage, readMessage, type TenantStores } from '@voicemail/message-store';
import { StoreError, withFaults } from '@voicemail/object-store';
import { describe, expect, it } from 'vitest';
import { LIST_BOUND_MS } from './limits.ts';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld, type Worker } from './testing/gdpr-world.ts';

const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();
const signal = new AbortController().signal;

/** A worker of whose regions one is down while the switch says so, and who does something just before a search for the caller. */
function switchable(world: GdprWorld): { readonly worker: Worker; isDown: boolean; beforeSearch: () => Promise<void> } {
  const state = { isDown: false, beforeSearch: (): Promise<void> => Promise.resolve() };
  const stores: TenantStores = world.world.behind((store, region) =>
    withFaults(store, async ({ moment, operation, key }) => {
      if (state.isDown && region === 'westeurope')
        throw new StoreError('unavailable', operation, key, 'the region is down');
      if (moment === 'before' && region === 'westus2' && operation === 'list' && key?.includes('/index/caller_id/'))
        await state.beforeSearch();
    }),
  );
  return Object.assign(state, { worker: world.worker({ stores }) });
}

/** A caller who is about to be erased, as a run of the rule leaves it; and a message that came late, marked by its deposit just before that. */
async function aboutToBeErased(world: GdprWorld, { gdpr, stores }: Worker): Promise<void> {
  const early = at(world);
  await gdpr.take(stores, request('f1', 'forgetme', early, CALLER), early);
  await world.whileTimePasses(gdpr.work(stores, signal));
  await world.clock.advance(DAY_MS);
  await world.whileTimePasses(gdpr.runRule(stores, signal));
  await world.deposit({ messageId: 'late', depositedAt: early, takenAt: early });
  await markMessage(world.world.stores, '9876', 'late', 'f1', at(world));
}
const late = async ({ world }: GdprWorld) => (await readMessage(world.stores, '9876', 'late'))?.value;

describe('while an undo of a caller who is about to be erased waits', () => {
  it('for a region, no run of the rule deletes what came late', async () => {
    await using world = await openGdprWorld();
    const site = switchable(world);
    const { worker } = site;
    await aboutToBeErased(world, worker);
    expect(await worker.request('f1')).toMatchObject({ phase: 'erasing' });
    site.isDown = true;
    await worker.gdpr.take(worker.stores, request('u1', 'undoforget', at(world), CALLER), at(world));
    await world.whileTimePasses(worker.gdpr.work(worker.stores, signal));
    expect(await worker.request('u1')).toMatchObject({ phase: 'waiting' });
    await world.clock.advance(8 * DAY_MS);
    expect(await world.whileTimePasses(worker.gdpr.runRule(worker.stores, signal))).toEqual({ deleted: [], kept: 1 });
    site.isDown = false;
    await worker.work();
    expect(await worker.request('u1')).toMatchObject({ phase: 'undone' });
    expect(await worker.request('f1')).toMatchObject({ phase: 'undone' });
    expect(await late(world)).toBeDefined();
    expect(await Array.fromAsync(listMarked(worker.stores))).toEqual([]);
  });

  it('for its turn, the last search of the erasure deletes nothing', async () => {
    await using world = await openGdprWorld();
    const site = switchable(world);
    const { worker } = site;
    await aboutToBeErased(world, worker);
    let isAsked = false;
    site.beforeSearch = async () => {
      if (isAsked) return;
      isAsked = true;
      const other = world.worker();
      await other.gdpr.take(other.stores, request('u1', 'undoforget', at(world), CALLER), at(world));
    };
    await worker.work();
    expect(isAsked).toBe(true);
    expect(await worker.request('u1')).toMatchObject({ phase: 'undone' });
    expect(await worker.request('f1')).toMatchObject({ phase: 'undone' });
    expect(await late(world)).toBeDefined();
  });

  it('that is erased, the daily search deletes nothing', async () => {
    await using world = await openGdprWorld();
    const site = switchable(world);
    const { worker } = site;
    await aboutToBeErased(world, worker);
    await worker.work();
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
    expect(await late(world)).toBeUndefined();
    const early = '2026-03-02T10:00:00.000Z';
    await world.deposit({ messageId: 'back', depositedAt: early, takenAt: early });
    const other = world.worker();
    let isAsked = false;
    await world.clock.advance(DAY_MS);
    site.beforeSearch = async () => {
      if (isAsked) return;
      isAsked = true;
      await other.gdpr.take(other.stores, request('u1', 'undoforget', at(world), CALLER), at(world));
      // As long as the list may be old by which it deletes.
      await world.clock.advance(LIST_BOUND_MS);
    };
    await world.whileTimePasses(worker.gdpr.runRule(worker.stores, signal));
    expect(isAsked).toBe(true);
    expect((await readMessage(world.world.stores, '9876', 'back'))?.value).toBeDefined();
  });
});
