import { withFaults } from '@voicemail/object-store';
import { StoreError } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callerHashes } from './caller-hash.ts';
import { CallerHashKeyMismatch, verifyMaster } from './caller-hash-check.ts';
import { claimMasterRegion } from './claim-master-region.ts';
import { markOf } from './master-mark.ts';
import type { TenantStores } from './tenant-stores.ts';
import { openWorld, type World } from './test-world.ts';
import { WrongMasterRegion } from './wrong-master-region.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.remove());

/** The same tenant as a tenants' file would have it that names its other region the master. */
const withOtherMaster = (): TenantStores => {
  const [first, second] = world.stores.regions;
  return { ...world.stores, master: second!, regions: [second!, first!] };
};
const withKeys = (...keys: readonly number[]): TenantStores => {
  const text = keys.map((byte) => Buffer.alloc(32, byte).toString('base64')).join('\n');
  return { ...world.stores, hashes: callerHashes(text) };
};

describe('a tenant’s first start', () => {
  it('makes its master region the master, whatever comes later', async () => {
    await claimMasterRegion(world.stores, false);
    await claimMasterRegion(world.stores, false);
    await expect(claimMasterRegion(withOtherMaster(), false)).rejects.toThrow(
      /is in region westus2, and not all of it in westeurope: run "voicemail storage copy --from westus2 --to westeurope"/,
    );
    expect(await markOf(world.stores, world.stores.regions[1]!.store)).toBeNull();
  });

  it('waits for every region: one that is down may be its master', async () => {
    const down = new StoreError('unavailable', 'get', null, 'the volume is not mounted');
    const stores = world.behind((store) =>
      withFaults(store, () => {
        if (store === world.stores.regions[1]!.store) throw down;
      }),
    );
    await expect(claimMasterRegion(stores, false)).rejects.toBe(down);
    expect(await markOf(world.stores, world.stores.master.store)).toBeNull();
  });

  it('is not one of a tenant that was served before: the empty place is refused, with what to do, and left empty', async () => {
    await expect(claimMasterRegion(world.stores, true)).rejects.toThrow(
      /region westus2 holds no metadata of tenant t100, which was served before: put the region's storage .* back .* "voicemail storage copy"/,
    );
    expect(await markOf(world.stores, world.stores.master.store)).toBeNull();
    await claimMasterRegion(world.stores, false);
    await claimMasterRegion(world.stores, true);
  });

  it('that only looks claims nothing', async () => {
    expect(await verifyMaster(world.stores)).toBe(false);
    expect(await markOf(world.stores, world.stores.master.store)).toBeNull();
  });
});

describe('a master region', () => {
  it('that holds a part of what another one has is refused', async () => {
    const [, other] = world.stores.regions;
    const copy = Buffer.from(JSON.stringify({ checkValue: world.stores.hashes.checkValue, copyOf: 'westus2' }));
    await other!.store.put('t100/caller-hash-check.json', copy, { contentType: 'application/json' });
    await expect(claimMasterRegion(withOtherMaster(), false)).rejects.toThrow(WrongMasterRegion);
  });

  it('that was handed over is refused, and the message names the one that has everything', async () => {
    const mark = { checkValue: world.stores.hashes.checkValue, handedOverTo: 'westeurope' };
    const bytes = Buffer.from(JSON.stringify(mark));
    await world.stores.master.store.put('t100/caller-hash-check.json', bytes, { contentType: 'application/json' });
    await expect(claimMasterRegion(world.stores, false)).rejects.toThrow(
      /was moved to region westeurope: set master_region to/,
    );
    // Nor the other one, as long as it does not say itself that it has everything.
    await expect(claimMasterRegion(withOtherMaster(), false)).rejects.toThrow(/not all of it in westeurope/);
  });

  it('is refused without the caller-hash key that its entries are under', async () => {
    await claimMasterRegion(withKeys(1), false);
    await claimMasterRegion(withKeys(2, 1), false);
    await expect(claimMasterRegion(withKeys(2), false)).rejects.toThrow(CallerHashKeyMismatch);
  });
});
