import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { callerHashes, CallerHashKeyMismatch, type TenantStores } from '@voicemail/message-store';
import { openFileSystemStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { tempFolder } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { callerHashGate } from './caller-hash-gate.ts';
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

describe('the gate of the caller-hash key', () => {
  it('lets through what has the key that the tenant was written under', async () => {
    const world = await openWorld();
    await callerHashGate(await world.stores(KEY), world.lastVerified).verify();
    const again = await world.stores(KEY);
    const guarded = callerHashGate(again, world.lastVerified).guard(again.master.store);
    expect(await guarded.head('t100/nothing')).toBeNull();
  });

  it('keeps a process with another key from reading and writing, also one that asked nobody before', async () => {
    const world = await openWorld();
    await callerHashGate(await world.stores(KEY), world.lastVerified).verify();
    const stores = await world.stores(OTHER_KEY);
    const gate = callerHashGate(stores, world.lastVerified);
    const guarded = gate.guard(stores.master.store);
    const put = guarded.put('t100/x', Buffer.from('x'), { contentType: 'text/plain' });
    await expect(put).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    await expect(Array.fromAsync(guarded.list('t100/'))).rejects.toMatchObject({ name: 'StoreError' });
    await expect(gate.verify()).rejects.toBeInstanceOf(CallerHashKeyMismatch);
  });

  it('stays closed while the master region is down, and opens when it is back', async () => {
    const world = await openWorld();
    await (await world.stores(KEY)).master.store.check();
    await rename(world.root, `${world.root}-away`);
    const stores = await world.stores(KEY);
    const gate = callerHashGate(stores, world.lastVerified);
    const guarded = gate.guard(stores.master.store);
    await expect(guarded.head('t100/x')).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    await expect(gate.verify()).rejects.toMatchObject({ name: 'StoreError' });
    await rename(`${world.root}-away`, world.root);
    expect(await guarded.head('t100/x')).toBeNull();
  });

  it('is open at once for a key that was verified before, so that other regions work while the master is down', async () => {
    const world = await openWorld();
    await callerHashGate(await world.stores(KEY), world.lastVerified).verify();
    await rename(world.root, `${world.root}-away`);
    const other = await openFileSystemStore({
      root: join(world.root, '..', 'other'),
      region: 'westeurope',
      clock: systemClock(),
      ids: systemIds(),
    });
    const guarded = callerHashGate(await world.stores(KEY), world.lastVerified).guard(other);
    expect(await guarded.head('t100/x')).toBeNull();
  });
});
