import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTenants, type Tenant } from '@voicemail/contracts';
import { callerHashes, type ServedTenant } from '@voicemail/message-store';
import { openS3Store } from '@voicemail/object-store';
import {
  createLogger,
  createMetrics,
  manualClock,
  systemIds,
  type ManualClock,
  type Metrics,
} from '@voicemail/runtime';
import { s3Server, tempFolder, waitFor, whenAvailable } from '@voicemail/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { readVoicemailConfig, type Config } from '../config.ts';
import { CLOSE_STORE_AFTER_MS } from '../limits.ts';
import { regionStores, type RegionStores } from './region-stores.ts';

const UUID = '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7';

let config: Config;
let clock: ManualClock;
let metrics: Metrics;
/** The tenants in force, by their ids. */
let served: Map<string, ServedTenant>;
beforeEach(async () => {
  served = new Map();
  config = readVoicemailConfig({ DATA_DIR: await tempFolder() });
  await mkdir(config.data.seen);
  clock = manualClock(Date.UTC(2026, 2, 2));
  metrics = createMetrics();
});

const hashes = callerHashes(Buffer.alloc(32, 1).toString('base64'));
const open = (): RegionStores =>
  regionStores(
    { config, hashes, clock, ids: systemIds(), logger: createLogger({ level: 'silent', name: 'test' }), metrics },
    (tenantId) => served.get(tenantId),
  );

/** Tenants t0, t1, … with these regions each; the first one is the master. */
const tenantsWith = (...regions: readonly Readonly<Record<string, object>>[]): readonly Tenant[] =>
  parseTenants(
    regions.map((of, index) => ({
      name: `t${index}`,
      tenant_id: `t${index}`,
      tenant_uuid: `${UUID}${index}`,
      status: 'ACTIVE',
      master_region: Object.keys(of)[0],
      regions: Object.entries(of).map(([name, storage]) => ({ name, storage })),
    })),
    {},
  );

/** As the directory does it. */
const openAll = async (stores: RegionStores, tenant: Tenant) => {
  const opened = await Promise.all(tenant.regions.map((region) => stores.open(tenant, region)));
  const regions = opened.map((store, index) => ({ name: tenant.regions[index]!.name, store }));
  const { tenantId, defaultCountry, formerDefaultCountries } = tenant;
  const of = { tenant: tenantId, defaultCountry, formerDefaultCountries, master: regions[0]!, regions, hashes };
  served.set(tenantId, { tenant, stores: of });
  return opened;
};
const openedRegions = (stores: RegionStores): readonly string[] =>
  stores
    .opened()
    .map(({ region }) => region)
    .toSorted();

describe('the stores of regions', () => {
  const north = { interface: 'FileSystem', root: 'regions/north' };
  const south = { interface: 'FileSystem', root: 'regions/south' };

  it('are opened once for every tenant that has the place', async () => {
    const stores = open();
    const [first, second] = tenantsWith({ north, south }, { north });
    await openAll(stores, first!);
    const [store] = await openAll(stores, second!);
    expect(openedRegions(stores)).toEqual(['north', 'south']);
    await store!.put('t1/object', Buffer.from('x'), { contentType: 'text/plain' });
    await Promise.all(Array.from({ length: 50 }, () => store!.check()));
    const { text } = await metrics.expose();
    expect(text).toMatch(/^voicemail_storage_calls_total\{region="north",operation="check",outcome="done"\} 1$/m);
    await stores.close();
    expect(openedRegions(stores)).toEqual([]);
  });

  it('are down, not empty, where a region was given an empty place under its old name; its own place is right again', async () => {
    const MESSAGE = 't0/mailboxes/1/messages/m/media.wav';
    const [before] = tenantsWith({ north, south });
    const [moved] = tenantsWith({ north, south: { ...south, root: 'regions/suoth' } });
    for (const isRestarted of [false, true]) {
      let stores = open();
      const [, own] = await openAll(stores, before!);
      await own!.put(MESSAGE, Buffer.from('x'), { contentType: 'text/plain' });
      if (isRestarted) {
        await stores.close();
        stores = open();
      }
      const [, wrong] = await openAll(stores, moved!);
      await expect(wrong!.head(MESSAGE)).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(wrong!.check()).rejects.toMatchObject({ kind: 'unavailable' });
      const [, right] = await openAll(stores, before!);
      expect((await right!.head(MESSAGE))?.size).toBe(1);
      await stores.close();
    }
  });

  it('may be given any place as long as nothing of a tenant was stored in it', async () => {
    const [before] = tenantsWith({ north, south });
    const [moved] = tenantsWith({
      north: { ...north, root: 'regions/north2' },
      south: { ...south, root: 'regions/south2' },
    });
    let stores = open();
    for (const store of await openAll(stores, before!)) await store.check();
    for (const store of await openAll(stores, moved!)) {
      await store.put('t0/mailboxes/1/mailbox.json', Buffer.from('{}'), { contentType: 'application/json' });
    }
    await stores.close();
    stores = open();
    for (const store of await openAll(stores, before!)) {
      await expect(store.check()).rejects.toMatchObject({ kind: 'unavailable' });
    }
    await stores.close();
  });

  it('are closed a while after no tenant has them, and opened anew for one that has them again', async () => {
    const stores = open();
    const [first, second] = tenantsWith({ north, south }, { north });
    await openAll(stores, first!);
    await openAll(stores, second!);
    for (const region of first!.regions) stores.release(first!, region);
    await clock.advance(CLOSE_STORE_AFTER_MS - 1);
    expect(openedRegions(stores)).toEqual(['north', 'south']);
    await clock.advance(1);
    await waitFor('one is closed', () => openedRegions(stores).length === 1);
    expect(openedRegions(stores)).toEqual(['north']);
    await openAll(stores, first!);
    expect(openedRegions(stores)).toEqual(['north', 'south']);
    await stores.close();
  });

  it('stay open where only the way in which the same place is written has changed', async () => {
    const stores = open();
    const [before] = tenantsWith({ north });
    const [after] = tenantsWith({ north: { ...north, root: './regions/north' } });
    await openAll(stores, before!);
    await openAll(stores, after!);
    stores.release(before!, before!.regions[0]!);
    await clock.advance(CLOSE_STORE_AFTER_MS);
    expect(openedRegions(stores)).toEqual(['north']);
    await stores.close();
  });

  it('are a fault of the file where they could never be reached', async () => {
    const stores = open();
    const noAccount = {
      interface: 'BlobStorage',
      container: 'voicemail',
      account_url: 'https://host.example',
      account_key_file: 'k',
    };
    const [tenant] = tenantsWith({ north: noAccount });
    await expect(openAll(stores, tenant!)).rejects.toMatchObject({
      name: 'InvalidTenants',
      faults: [{ path: 't0.north.storage', message: expect.stringContaining('names no account') as string }],
    });
  });

  it('are looked at by what is in force: what a refused file had opened moves no gate', async () => {
    const stores = open();
    const [before] = tenantsWith({ north });
    const [after] = tenantsWith({ north: { ...north, root: 'regions/elsewhere' } });
    const [store] = await openAll(stores, before!);
    await stores.open(after!, after!.regions[0]!);
    await stores.gates().get('t0')!.verify();
    expect(await store!.head('t0/caller-hash-check.json')).not.toBeNull();
    stores.release(after!, after!.regions[0]!);
    await clock.advance(CLOSE_STORE_AFTER_MS);
    await waitFor('what was opened in vain is closed', () => stores.opened().length === 1);
    await stores.close();
  });

  it('tell a region in the place of another one that it is down', async () => {
    const stores = open();
    const [first] = tenantsWith({ north });
    const [stranger] = tenantsWith({ south: north });
    await openAll(stores, first!).then(([store]) => store!.check());
    const [store] = await openAll(stores, stranger!);
    await expect(store!.check()).rejects.toThrow('holds the store of region north');
    await stores.close();
  });
});

const s3 = await s3Server();
whenAvailable(s3, 'the store of a region on S3', (start) => {
  it('is opened without its secrets, and is up when they are there', async () => {
    const server = await start();
    await server.makeBucket('voicemail');
    const { region, endpoint } = server;
    const east = {
      interface: 'S3',
      bucket: 'voicemail',
      region,
      endpoint,
      force_path_style: true,
      credentials_file: 's',
    };
    const [tenant] = tenantsWith({ east });
    const stores = open();
    const [store] = await openAll(stores, tenant!);
    const tried = async (): Promise<string> => {
      const [end] = await Promise.all([
        store!.check().then(
          () => 'up',
          (error: Error) => error.message,
        ),
        clock.advance(5_000),
      ]);
      return end;
    };
    expect(await tried()).toContain('caller-hash key could not be verified');
    await mkdir(join(config.data.root, 's'));
    await writeFile(join(config.data.root, 's', 'access_key'), server.accessKey);
    await writeFile(join(config.data.root, 's', 'secret_key'), server.secretKey);
    await waitFor('it is up', tried, (end) => end === 'up');
    const [opened] = stores.opened();
    const { signal } = new AbortController();
    expect(await opened!.sweep!(signal)).toEqual({ abandonedUploads: 0 });
    // Another's bucket is not swept.
    const bucket = await openS3Store({
      bucket: 'voicemail',
      prefix: '',
      region,
      endpoint,
      forcePathStyle: true,
      credentialsFile: join(config.data.root, 's'),
      clock,
      ids: systemIds(),
    });
    const identity = Buffer.from(JSON.stringify({ id: 'x', region: 'other' }));
    await bucket.put('.identity', identity, { contentType: 'application/json' });
    await bucket.close();
    await expect(opened!.sweep!(signal)).rejects.toThrow('it is the store of region other');
    await stores.close();
  });
});
