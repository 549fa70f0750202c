import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { callerHashes, CallerHashKeyMismatch, type TenantStores } from '@voicemail/message-store';
import { openFileSystemStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { tempFolder } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { callerHashGate, guarded, type CallerHashGate } from './caller-hash-gate.ts';
import { remembered, type Remembered } from './remembered.ts';

const KEY = Buffer.alloc(32, 1).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 2).toString('base64');

interface World {
  stores(key: string): Promise<TenantStores>;
  readonly lastVerified: Remembered;
  readonly root: string;
}

async function openWorld(): Promise<World> {
  const folder = await tempFolder();
  const root = join(folder, 'master');
  const [clock, ids] = [systemClock(), systemIds()];
  await mkdir(join(folder, 'seen'));
  const seenIdentity = remembered(join(folder, 'seen'), 'store', ids);
  return {
    root,
    lastVerified: remembered(join(folder, 'seen'), 'key', ids),
    stores: async (key) => {
      const store = await openFileSystemStore({ root, region: 'westus2', clock, ids, seenIdentity });
      const master = { name: 'westus2', store };
      const hashes = callerHashes(key);
      return { tenant: 't100', defaultCountry: 'US', formerDefaultCountries: [], master, regions: [master], hashes };
    },
  };
}

const gateOf = (stores: TenantStores, { lastVerified }: World): CallerHashGate =>
  callerHashGate(stores.hashes, () => stores, lastVerified);

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
    const other = await openFileSystemStore({
      root: join(world.root, '..', 'other'),
      region: 'westeurope',
      clock: systemClock(),
      ids: systemIds(),
    });
    const master = { name: 'westeurope', store: other };
    const gate = gateOf({ ...stores, master, regions: [master, stores.master] }, world);
    await expect(gate.verify()).rejects.toThrow('the metadata of tenant t100 is in region westus2');
  });

  it('compares again where the master region is another store than the one that was verified', async () => {
    const world = await openWorld();
    let stores = await world.stores(KEY);
    const gate = callerHashGate(stores.hashes, () => stores, world.lastVerified);
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
    const other = await openFileSystemStore({
      root: join(world.root, '..', 'other'),
      region: 'westeurope',
      clock: systemClock(),
      ids: systemIds(),
    });
    const gate = gateOf(await world.stores(KEY), world);
    expect(await guarded(other, gate).head('t100/x')).toBeNull();
  });
});
