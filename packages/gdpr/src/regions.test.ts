import { changeState, listMarked, markMessage, type TenantStores } from '@voicemail/message-store';
import { StoreError, withFaults, type ObjectStore } from '@voicemail/object-store';
import { describe, expect, it } from 'vitest';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from './testing/gdpr-world.ts';

/** Stores whose regions are down while the switch says so, from a given call on. */
function switchable(world: GdprWorld): {
  readonly stores: TenantStores;
  readonly down: Set<string>;
  failFrom: number;
  calls: number;
} {
  const state = { down: new Set<string>(), failFrom: 1, calls: 0 };
  const stores = world.world.behind((store: ObjectStore, region: string) =>
    withFaults(store, ({ moment, operation, key }) => {
      if (moment === 'before' && state.down.has(region)) {
        state.calls += 1;
        if (state.calls >= state.failFrom) throw new StoreError('unavailable', operation, key, 'the region is down');
      }
    }),
  );
  return Object.assign(state, { stores });
}
const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();
const signal = new AbortController().signal;
const marks = async (world: GdprWorld): Promise<number> =>
  (await Array.fromAsync(listMarked(world.world.stores))).length;

async function filled(): Promise<GdprWorld> {
  const world = await openGdprWorld();
  await world.deposit({ messageId: 'm1', region: 'westus2' });
  await world.deposit({ messageId: 'm2', region: 'westeurope' });
  return world;
}

describe('while a region is down', () => {
  it.each(['forgetme', 'undoforget'] as const)(
    'a request to %s touches nothing, waits for it by name, and goes on',
    async (operation) => {
      await using world = await filled();
      const first = world.worker();
      if (operation === 'undoforget') {
        await first.gdpr.take(first.stores, request('f1', 'forgetme', at(world), CALLER), at(world));
        await first.work();
      }
      const before = await marks(world);
      const sites = switchable(world);
      const worker = world.worker({ stores: sites.stores });
      sites.down.add('westeurope');
      await worker.gdpr.take(sites.stores, request('r', operation, at(world), CALLER), at(world));
      expect(await world.whileTimePasses(worker.gdpr.work(sites.stores, signal))).toBe('later');
      expect(await worker.request('r')).toMatchObject({ phase: 'waiting', hasBegun: false, waitsFor: ['westeurope'] });
      expect(await marks(world)).toBe(before);
      sites.down.clear();
      await worker.work();
      expect(await worker.request('r')).toMatchObject({
        phase: operation === 'forgetme' ? 'marked' : 'undone',
        waitsFor: [],
      });
      expect(await marks(world)).toBe(operation === 'forgetme' ? 2 : 0);
    },
  );

  it('a request tells how often it was tried, and fills no ledger with it', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    sites.down.add('westeurope');
    await worker.gdpr.take(sites.stores, request('r', 'forgetme', at(world), CALLER), at(world));
    const entries = async (): Promise<number> =>
      (await Array.fromAsync(world.world.stores.master.store.list('t100/gdpr/ledger/'))).length;
    const before = await entries();
    const tried: (number | undefined)[] = [];
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      await world.whileTimePasses(worker.gdpr.work(sites.stores, signal));
      tried.push((await worker.request('r'))?.attempts);
    }
    expect(tried).toEqual([1, 2, 2, 4, 4, 4, 4, 8, 8]);
    expect((await entries()) - before).toBe(4);
    sites.down.clear();
    await worker.work();
    expect(await worker.request('r')).toMatchObject({ phase: 'marked', attempts: 10 });
  });

  it('of three, with two down, both are named', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const third = {
      name: 'third',
      store: withFaults(world.world.stores.regions[1]!.store, ({ operation }) => {
        if (operation === 'check') throw new StoreError('unavailable', 'check', null, 'the region is down');
      }),
    };
    const stores = { ...sites.stores, regions: [...sites.stores.regions, third] };
    const worker = world.worker({ stores });
    sites.down.add('westeurope');
    await worker.gdpr.take(stores, request('r', 'forgetme', at(world), CALLER), at(world));
    await world.whileTimePasses(worker.gdpr.work(stores, signal));
    expect(await worker.request('r')).toMatchObject({ phase: 'waiting', waitsFor: ['westeurope', 'third'] });
  });

  it('the master, a request cannot be taken in, and can again when it is back', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    sites.down.add('westus2');
    const take = (): Promise<void> =>
      worker.gdpr.take(sites.stores, request('r', 'forgetme', at(world), CALLER), at(world));
    await expect(take()).rejects.toThrow(StoreError);
    sites.down.clear();
    await take();
    await worker.work();
    expect(await worker.request('r')).toMatchObject({ phase: 'marked' });
  });

  it('an undo that waits for it keeps the rule from deleting what it is about to take back', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    await worker.gdpr.take(sites.stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    sites.down.add('westeurope');
    await worker.gdpr.take(sites.stores, request('u1', 'undoforget', at(world), CALLER), at(world));
    await world.whileTimePasses(worker.gdpr.work(sites.stores, signal));
    expect(await worker.request('u1')).toMatchObject({ phase: 'waiting' });
    expect(await world.whileTimePasses(worker.gdpr.runRule(sites.stores, signal))).toEqual({ deleted: [], kept: 2 });
    sites.down.clear();
    await worker.work();
    expect(await worker.request('u1')).toMatchObject({ phase: 'undone' });
    expect(await marks(world)).toBe(0);
  });

  it('a run of the rule tells of a message as deleted once its recording is gone there too', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    await worker.gdpr.take(sites.stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    sites.down.add('westeurope');
    const run = () => world.whileTimePasses(worker.gdpr.runRule(sites.stores, signal));
    const told = { tenant: 't100', mailbox: '9876' };
    const inMaster = { ...told, messageId: 'm1', region: 'westus2' };
    expect(await run()).toEqual({ deleted: [inMaster], kept: 1 });
    expect(await run()).toEqual({ deleted: [], kept: 1 });
    sites.down.clear();
    expect(await run()).toEqual({ deleted: [{ ...told, messageId: 'm2', region: 'westeurope' }], kept: 0 });
    expect(await worker.request('f1')).toMatchObject({
      steps: [
        { step: 'mark', region: 'westus2', changed: 2 },
        { step: 'mark', region: 'westeurope', changed: 0 },
        { step: 'delete', region: 'westus2', changed: 1 },
        { step: 'delete', region: 'westeurope', changed: 1 },
      ],
    });
  });

  it('a run that meant to delete what was read meanwhile counts it once among what is kept', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    await worker.gdpr.take(sites.stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    const isStub = (operation: string, key: string | null): boolean =>
      operation === 'put' && key === 't100/mailboxes/9876/messages/m2/metadata.json';
    const failing = world.world.behind((store) =>
      withFaults(store, ({ moment, operation, key }) => {
        if (moment === 'before' && isStub(operation, key))
          throw new StoreError('unavailable', operation, key, 'the stub cannot be written');
      }),
    );
    const first = world.worker({ stores: failing });
    expect(await world.whileTimePasses(first.gdpr.runRule(failing, signal))).toMatchObject({ kept: 1 });
    const read = { action: 'read', order: { at: at(world), id: 'e1' } } as const;
    await changeState(world.world.stores, '9876', 'm2', read, at(world));
    expect(await world.whileTimePasses(worker.gdpr.runRule(sites.stores, signal))).toEqual({ deleted: [], kept: 1 });
  });

  it('a mark that nothing asks for stays until it is back, and keeps the rule from deleting nothing in the others', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    await worker.gdpr.take(sites.stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    // Marked by a worker that was stopped before an undo, and woke up after it.
    await world.deposit({ messageId: 'woken', region: 'westeurope', callerId: '+15551212999' });
    await markMessage(world.world.stores, '9876', 'woken', 'overtaken', at(world));
    await world.clock.advance(DAY_MS);
    sites.down.add('westeurope');
    const run = () => world.whileTimePasses(worker.gdpr.runRule(sites.stores, signal));
    expect((await run()).deleted).toContainEqual(expect.objectContaining({ messageId: 'm1' }));
    sites.down.clear();
    await run();
    expect(await marks(world)).toBe(0);
  });

  it('a request that is about to be erased waits, and writes nothing into the ledger meanwhile', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    await worker.gdpr.take(sites.stores, request('r', 'forgetme', at(world), CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    await world.whileTimePasses(worker.gdpr.runRule(sites.stores, signal));
    expect(await worker.request('r')).toMatchObject({ phase: 'erasing' });
    const entries = async (): Promise<number> =>
      (await Array.fromAsync(world.world.stores.master.store.list('t100/gdpr/ledger/'))).length;
    const before = await entries();
    sites.down.add('westeurope');
    expect(await world.whileTimePasses(worker.gdpr.work(sites.stores, signal))).toBe('later');
    expect(await world.whileTimePasses(worker.gdpr.work(sites.stores, signal))).toBe('later');
    expect(await entries()).toBe(before);
    sites.down.clear();
    await worker.work();
    expect(await worker.request('r')).toMatchObject({ phase: 'erased' });
  });

  it('beyond the deadline the request has failed, with the reason', async () => {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    sites.down.add('westeurope');
    await worker.gdpr.take(sites.stores, request('r', 'forgetme', at(world), CALLER), at(world));
    await world.whileTimePasses(worker.gdpr.work(sites.stores, signal));
    await world.clock.advance(25 * DAY_MS);
    await world.whileTimePasses(worker.gdpr.work(sites.stores, signal));
    const reason = 'the deadline passed: westeurope cannot be reached';
    expect(await worker.request('r')).toMatchObject({ phase: 'failed', reason });
    expect(await marks(world)).toBe(0);
  });
});

it('a region that goes down at any call of a forget keeps it waiting, and what was half done is finished', async () => {
  let hits = 0;
  for (let failFrom = 1; failFrom < 60; failFrom += 1) {
    await using world = await filled();
    const sites = switchable(world);
    const worker = world.worker({ stores: sites.stores });
    await worker.gdpr.take(sites.stores, request('r', 'forgetme', at(world), CALLER), at(world));
    sites.down.add('westeurope');
    Object.assign(sites, { failFrom });
    await world.whileTimePasses(worker.gdpr.work(sites.stores, signal));
    const isThrough = sites.calls < failFrom;
    sites.down.clear();
    await worker.work();
    const standing = await worker.request('r');
    expect(standing, `down from call ${failFrom}`).toMatchObject({ phase: 'marked', intents: [] });
    expect(standing?.callers[0]?.found).toEqual({ messages: 2, deadLetters: 0 });
    for (const { value } of await Array.fromAsync(listMarked(world.world.stores))) {
      expect(value).toMatchObject({ revision: 2, forgetRequestIds: ['r'] });
      const { store } = world.world.stores.regions.find(({ name }) => name === value.region)!;
      expect((await store.head(value.media.key))?.tags).toMatchObject({ forgetme: 'true' });
    }
    expect(await marks(world)).toBe(2);
    if (isThrough) break;
    hits += 1;
  }
  expect(hits).toBeGreaterThan(3);
  expect(hits).toBeLessThan(59);
}, 120_000);

it('a region that the tenant’s list lost makes the request failed, naming it: nothing is called done that was not searched', async () => {
  await using world = await filled();
  const { stores } = world.world;
  const without = { ...stores, regions: stores.regions.filter(({ name }) => name !== 'westeurope') };
  const worker = world.worker({ stores: without });
  await worker.gdpr.take(without, request('r', 'forgetme', at(world), CALLER), at(world));
  await worker.work();
  const standing = await worker.request('r');
  expect(standing).toMatchObject({ phase: 'failed' });
  expect(standing?.reason).toContain('westeurope');
});
