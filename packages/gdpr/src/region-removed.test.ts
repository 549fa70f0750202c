import { listMarked, readMessage, type TenantStores } from '@voicemail/message-store';
import { StoreError, withFaults } from '@voicemail/object-store';
import { describe, expect, it } from 'vitest';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld, type Worker } from './testing/gdpr-world.ts';

const GONE = 'westeurope';
const OTHER = '+15551212999';
const SEARCHED = '+15551212888';
/** More calls than any operation here makes of the region: a test that reaches it has lost its way. */
const MAX_CALLS = 100;
const signal = new AbortController().signal;
const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();

/** The tenant as its list has it when the region was taken out. */
const without = (stores: TenantStores): TenantStores => ({
  ...stores,
  regions: stores.regions.filter(({ name }) => name !== GONE),
});

async function ask(
  world: GdprWorld,
  id: string,
  operation: 'forgetme' | 'undoforget',
  phone = CALLER,
): Promise<Worker> {
  const worker = world.worker();
  await worker.gdpr.take(worker.stores, request(id, operation, at(world), phone), at(world));
  return worker;
}

/** A message in each region, and a request that is marked where it is an undo that goes on. */
async function prepared(operation: 'forgetme' | 'undoforget'): Promise<GdprWorld> {
  const world = await openGdprWorld();
  await world.deposit({ messageId: 'm1', region: 'westus2' });
  await world.deposit({ messageId: 'm2', region: GONE });
  if (operation === 'undoforget') await (await ask(world, 'f1', 'forgetme')).work();
  await ask(world, 'r', operation);
  return world;
}

describe('a region that is taken out of the tenant’s list', () => {
  it.each(['forgetme', 'undoforget'] as const)(
    'after any call of its store makes a request to %s failed, which names it',
    async (operation) => {
      let hits = 0;
      for (let downFrom = 1; downFrom < MAX_CALLS; downFrom += 1) {
        await using world = await prepared(operation);
        let calls = 0;
        const stores = world.world.behind((store, region) =>
          withFaults(store, ({ operation: call, key }) => {
            if (region !== GONE) return;
            calls += 1;
            if (calls >= downFrom) throw new StoreError('unavailable', call, key, 'the region is down');
          }),
        );
        const worker = world.worker({ stores });
        await world.whileTimePasses(worker.gdpr.work(stores, signal));
        if (calls < downFrom) break;
        hits += 1;
        const shorter = world.worker({ stores: without(world.world.stores) });
        await shorter.work();
        const standing = await shorter.request('r');
        expect(standing, `taken out after call ${downFrom}`).toMatchObject({ phase: 'failed' });
        expect(standing?.reason).toContain(GONE);
      }
      expect(hits).toBeGreaterThan(3);
    },
    60_000,
  );

  it('while a request waits for it makes that request failed, and the next has its turn', async () => {
    await using world = await prepared('forgetme');
    const down = world.world.behind((store, region) =>
      withFaults(store, ({ operation, key }) => {
        if (region === GONE) throw new StoreError('unavailable', operation, key, 'the region is down');
      }),
    );
    const waits = world.worker({ stores: down });
    await world.whileTimePasses(waits.gdpr.work(down, signal));
    expect(await waits.request('r')).toMatchObject({ phase: 'waiting', waitsFor: [GONE] });
    await world.deposit({ messageId: 'other', callerId: OTHER });
    await ask(world, 'next', 'forgetme', OTHER);
    const shorter = world.worker({ stores: without(world.world.stores) });
    await shorter.work();
    expect(await shorter.request('r')).toMatchObject({ phase: 'failed' });
    expect((await shorter.request('r'))?.reason).toContain(GONE);
    expect(await shorter.request('next')).toMatchObject({ phase: 'marked' });
  });

  it('once all is marked makes every request that had searched it failed by the next run of the rule, and no other caller waits for that', async () => {
    await using world = await prepared('forgetme');
    await (await ask(world, 'searched', 'forgetme', SEARCHED)).work();
    const shorter = world.worker({ stores: without(world.world.stores) });
    await world.deposit({ messageId: 'other', callerId: OTHER });
    await shorter.gdpr.take(shorter.stores, request('next', 'forgetme', at(world), OTHER), at(world));
    await shorter.work();
    expect(await shorter.request('next')).toMatchObject({ phase: 'marked' });
    await world.clock.advance(DAY_MS);
    expect(await shorter.gdpr.previewRule(shorter.stores, world.clock.now())).toMatchObject({
      deleted: [{ messageId: 'm1' }, { messageId: 'other' }],
      kept: 1,
    });
    const other = { tenant: 't100', mailbox: '9876', messageId: 'other', region: 'westus2' };
    expect(await shorter.rule()).toEqual({ deleted: [other], kept: 2 });
    for (const id of ['r', 'searched']) {
      const standing = await shorter.request(id);
      expect(standing).toMatchObject({ phase: 'failed' });
      expect(standing?.reason).toContain(GONE);
    }
    expect(await shorter.request('next')).toMatchObject({ phase: 'erased' });
    // A failed request asks for nothing: what can be reached is marked no more, the rest when its region is back.
    const preview = await shorter.gdpr.previewRule(shorter.stores, world.clock.now());
    expect(await shorter.rule()).toEqual(preview);
    expect(preview).toEqual({ deleted: [], kept: 0 });
    expect((await marked(world)).map(({ messageId }) => messageId)).toEqual(['m2']);
    expect(await world.worker().rule()).toEqual({ deleted: [], kept: 0 });
    expect(await marked(world)).toEqual([]);
    expect(await readMessage(world.world.stores, '9876', 'm2')).not.toBeNull();
  });

  it('keeps the daily search for erased callers from none of them', async () => {
    await using world = await prepared('forgetme');
    await world.worker().work();
    await (await ask(world, 'last', 'forgetme', OTHER)).work();
    await world.clock.advance(DAY_MS);
    await world.worker().rule();
    expect(await world.worker().request('last')).toMatchObject({ phase: 'erased' });
    const early = new Date(world.clock.now() - 3 * DAY_MS).toISOString();
    for (const [messageId, callerId, region] of [
      ['back1', CALLER, GONE],
      ['back2', OTHER, 'westus2'],
    ] as const)
      await world.deposit({ messageId, callerId, region, depositedAt: early, takenAt: early });
    await world.clock.advance(2 * DAY_MS);
    const shorter = world.worker({ stores: without(world.world.stores) });
    await shorter.rule();
    expect(await readMessage(world.world.stores, '9876', 'back1')).not.toBeNull();
    expect(await readMessage(world.world.stores, '9876', 'back2')).toBeNull();
  });
});

const marked = async ({ world }: GdprWorld) =>
  (await Array.fromAsync(listMarked(world.stores))).map(({ value }) => value);
