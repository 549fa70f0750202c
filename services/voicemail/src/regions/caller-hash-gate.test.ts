import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { callerHashes, CallerHashKeyMismatch, WrongMasterRegion, type TenantStores } from '@voicemail/message-store';
import { openFileSystemStore, StoreError, withFaults, type FaultPlan, type ObjectStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { tempFolder } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { callerHashGate, guarded, type CallerHashGate } from './caller-hash-gate.ts';
import { readVoicemailConfig } from '../config.ts';
import { remembered } from './remembered.ts';
import { masterMemory, type MasterMemory } from './verified-master.ts';

const KEY = Buffer.alloc(32, 1).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 2).toString('base64');

interface World {
  stores(key: string): Promise<TenantStores>;
  /** An empty region, at a place of its own. */
  elsewhere(name: string): Promise<{ readonly name: string; readonly store: ObjectStore }>;
  readonly memory: MasterMemory;
  readonly root: string;
}

async function openWorld(): Promise<World> {
  const folder = await tempFolder();
  const root = join(folder, 'master');
  const [clock, ids] = [systemClock(), systemIds()];
  const { data } = readVoicemailConfig({ DATA_DIR: folder });
  await mkdir(data.seen);
  const seenIdentity = remembered(data.seen, 'store', ids);
  return {
    root,
    memory: masterMemory(data, 't100', ids),
    elsewhere: async (name) => ({
      name,
      store: await openFileSystemStore({ root: join(folder, 'elsewhere', name), region: name, clock, ids }),
    }),
    stores: async (key) => {
      const store = await openFileSystemStore({ root, region: 'westus2', clock, ids, seenIdentity });
      const master = { name: 'westus2', store };
      const hashes = callerHashes(key);
      return { tenant: 't100', defaultCountry: 'US', formerDefaultCountries: [], master, regions: [master], hashes };
    },
  };
}

/** @param place of the master region. */
const gateOf = (stores: TenantStores, { memory }: World, place = stores.master.name): CallerHashGate =>
  callerHashGate(stores.hashes, () => ({ stores, masterPlace: place, isUsed: async () => true }), memory);
const withMaster = (stores: TenantStores, master: TenantStores['master']): TenantStores => ({
  ...stores,
  master,
  regions: [master, ...stores.regions.filter(({ name }) => name !== master.name)],
});
const behind = (stores: TenantStores, plan: FaultPlan): TenantStores =>
  withMaster(stores, { ...stores.master, store: withFaults(stores.master.store, plan) });

describe('the gate of the caller-hash key', () => {
  it('lets through what has the key that the tenant was written under', async () => {
    const world = await openWorld();
    await gateOf(await world.stores(KEY), world).verify();
    const again = await world.stores(KEY);
    const gate = gateOf(again, world);
    expect(await guarded(again.master.store, gate).head('t100/nothing')).toBeNull();
  });

  it('keeps a process with another key from reading and writing, also one that asked nobody before', async () => {
    const world = await openWorld();
    await gateOf(await world.stores(KEY), world).verify();
    const stores = await world.stores(OTHER_KEY);
    const gate = gateOf(stores, world);
    const store = guarded(stores.master.store, gate);
    const put = store.put('t100/x', Buffer.from('x'), { contentType: 'text/plain' });
    await expect(put).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    await expect(Array.fromAsync(store.list('t100/'))).rejects.toMatchObject({ name: 'StoreError' });
    await expect(gate.verify()).rejects.toBeInstanceOf(CallerHashKeyMismatch);
  });

  it('stays closed while the master region is down, and opens when it is back', async () => {
    const world = await openWorld();
    await (await world.stores(KEY)).master.store.check();
    await rename(world.root, `${world.root}-away`);
    const stores = await world.stores(KEY);
    const gate = gateOf(stores, world);
    const store = guarded(stores.master.store, gate);
    await expect(store.head('t100/x')).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    await expect(gate.verify()).rejects.toMatchObject({ name: 'StoreError' });
    await rename(`${world.root}-away`, world.root);
    expect(await store.head('t100/x')).toBeNull();
  });

  it('refuses a master region that is not the tenant’s, and says which is', async () => {
    const world = await openWorld();
    await gateOf(await world.stores(KEY), world).verify();
    const stores = await world.stores(KEY);
    const gate = gateOf(withMaster(stores, await world.elsewhere('westeurope')), world);
    await expect(gate.verify()).rejects.toThrow('the metadata of tenant t100 is in region westus2');
  });

  it('compares again where the master region is another store than the one that was verified', async () => {
    const world = await openWorld();
    let stores = await world.stores(KEY);
    const gate = callerHashGate(
      stores.hashes,
      () => ({ stores, masterPlace: 'westus2', isUsed: async () => true }),
      world.memory,
    );
    await gate.verify();
    await rename(world.root, `${world.root}-away`);
    await expect(gate.verify()).resolves.toBeUndefined();
    stores = await world.stores(KEY);
    await expect(gate.verify()).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
  });

  it('is open at once for a key that was verified before, so that other regions work while the master is down', async () => {
    const world = await openWorld();
    await gateOf(await world.stores(KEY), world).verify();
    await rename(world.root, `${world.root}-away`);
    const { store: other } = await world.elsewhere('westeurope');
    const gate = gateOf(await world.stores(KEY), world);
    expect(await guarded(other, gate).head('t100/x')).toBeNull();
  });

  it('refuses an empty place under the master region’s name, writes nothing there, and opens when the storage is put back', async () => {
    const world = await openWorld();
    const right = await world.stores(KEY);
    const wrong = withMaster(right, await world.elsewhere('westus2'));
    let now = { stores: right, masterPlace: 'west', isUsed: async () => true };
    const gate = callerHashGate(right.hashes, () => now, world.memory);
    const passes = (): Promise<unknown> => guarded(now.stores.master.store, gate).head('t100/x');
    await passes();
    now = { stores: wrong, masterPlace: 'wset', isUsed: async () => true };
    await expect(passes()).rejects.toThrow('holds no metadata of tenant t100, which was served before');
    await expect(gate.verify()).rejects.toBeInstanceOf(WrongMasterRegion);
    const restarted = gateOf(wrong, world, 'wset');
    await expect(restarted.pass('get', null)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    expect(await Array.fromAsync(wrong.master.store.list('t100/'))).toEqual([]);
    now = { stores: right, masterPlace: 'west', isUsed: async () => true };
    expect(await passes()).toBeNull();
  });

  it('believes a remembered key for the master region and the place alone that it was verified with', async () => {
    const world = await openWorld();
    await gateOf(await world.stores(KEY), world).verify();
    const stores = await world.stores(KEY);
    const down: FaultPlan = ({ operation, key }) => {
      throw new StoreError('unavailable', operation, key, 'nothing answers');
    };
    const other = behind(withMaster(stores, await world.elsewhere('westeurope')), down);
    await expect(gateOf(other, world).pass('put', 't100/x')).rejects.toThrow('nothing answers');
    await expect(gateOf(behind(stores, down), world, 'elsewhere').pass('put', 't100/x')).rejects.toThrow('nothing');
    await gateOf(behind(stores, down), world).pass('put', 't100/x');
    // Handed over: the old one is believed no more, and the tenant is none that begins.
    await world.memory.forget();
    await expect(gateOf(behind(stores, down), world).pass('put', 't100/x')).rejects.toThrow('nothing answers');
    const empty = withMaster(stores, await world.elsewhere('westus2'));
    await expect(gateOf(empty, world).verify()).rejects.toBeInstanceOf(WrongMasterRegion);
  });

  it('believes nothing remembered once a key has left the file: the ledger is to be asked first', async () => {
    const world = await openWorld();
    await gateOf(await world.stores(`${KEY}\n${OTHER_KEY}`), world).verify();
    const down: FaultPlan = ({ operation, key }) => {
      throw new StoreError('unavailable', operation, key, 'nothing answers');
    };
    const both = behind(await world.stores(`${OTHER_KEY}\n${KEY}`), down);
    await gateOf(both, world).pass('put', 't100/x');
    const alone = behind(await world.stores(KEY), down);
    await expect(gateOf(alone, world).pass('put', 't100/x')).rejects.toThrow('nothing answers');
  });

  it('closes after a remembered key has opened it, when the master region turns out to be handed over', async () => {
    const world = await openWorld();
    await gateOf(await world.stores(KEY), world).verify();
    const stores = await world.stores(KEY);
    const gate = gateOf(stores, world);
    await gate.pass('put', 't100/x');
    const mark = Buffer.from(JSON.stringify({ checkValue: stores.hashes.checkValue, handedOverTo: 'westeurope' }));
    await stores.master.store.put('t100/caller-hash-check.json', mark, { contentType: 'application/json' });
    await expect(gate.verify()).rejects.toBeInstanceOf(WrongMasterRegion);
    await expect(gate.pass('put', 't100/x')).rejects.toThrow('was moved to region westeurope');
  });

  it.each([
    ['busy', 'busy'],
    ['permission-denied', 'permission-denied'],
    // It is no answer about the key that was asked for.
    ['not-found', 'unavailable'],
  ] as const)('says of a master region that is %s why, for how long, and that it is %s', async (kind, told) => {
    const world = await openWorld();
    const stores = behind(await world.stores(KEY), ({ operation, key }) => {
      throw new StoreError(kind, operation, key, 'so says the store', { retryAfterMs: 7_000 });
    });
    await expect(gateOf(stores, world).pass('put', 't100/x')).rejects.toMatchObject({
      kind: told,
      retryable: true,
      retryAfterMs: 7_000,
      operation: 'put',
      key: 't100/x',
      message: expect.stringContaining('so says the store') as string,
    });
  });
});
