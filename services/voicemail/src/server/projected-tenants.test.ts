import { parseTenants } from '@voicemail/contracts';
import { callerHashes, type ServedTenant } from '@voicemail/message-store';
import { openFileSystemStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { tempFolder } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { CLOUD_RECONCILE_EVERY_MS } from '../limits.ts';
import { projectedTenants } from './projected-tenants.ts';

const storages = {
  west: { interface: 'FileSystem', root: 'regions/west' },
  east: { interface: 'S3', bucket: 'voicemail', region: 'us-east-1' },
};
const hashes = callerHashes(Buffer.alloc(32, 1).toString('base64'));

/** Tenants t0, t1, … with both regions and these masters. */
async function servedWith(...masters: readonly string[]): Promise<readonly ServedTenant[]> {
  const [root, clock, ids] = [await tempFolder(), systemClock(), systemIds()];
  const store = await openFileSystemStore({ root, region: 'west', clock, ids });
  const tenants = masters.map((master, index) => ({
    name: `t${index}`,
    tenant_id: `t${index}`,
    tenant_uuid: `2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7${index}`,
    status: 'ACTIVE',
    master_region: master,
    regions: Object.entries(storages).map(([name, storage]) => ({ name, storage })),
  }));
  return parseTenants(tenants, {}).map((tenant) => {
    const { tenantId, defaultCountry, formerDefaultCountries } = tenant;
    const master = { name: tenant.masterRegion, store };
    const of = { tenant: tenantId, defaultCountry, formerDefaultCountries, master, regions: [master], hashes };
    return { tenant, stores: of };
  });
}

it('gives a long interval to those alone whose master region is beyond a network, also where they come later', async () => {
  let served = await servedWith('west', 'east');
  const projected = projectedTenants({ all: () => served });
  const intervals = (): readonly (number | undefined)[] => projected().map(({ passIntervalMs }) => passIntervalMs);
  expect(intervals()).toEqual([undefined, CLOUD_RECONCILE_EVERY_MS]);
  expect(projected()).toBe(projected());
  served = await servedWith('east', 'west', 'east');
  expect(intervals()).toEqual([CLOUD_RECONCILE_EVERY_MS, undefined, CLOUD_RECONCILE_EVERY_MS]);
});
