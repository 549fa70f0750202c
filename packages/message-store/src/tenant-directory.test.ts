import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidTenants } from '@voicemail/contracts';
import { openFileSystemStore } from '@voicemail/object-store';
import { createLogger, manualClock, systemIds } from '@voicemail/runtime';
import { tempFolder, waitFor } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { callerHashes } from './caller-hash.ts';
import type { Memory } from './seen-countries.ts';
import { openTenantDirectory, type TenantDirectory } from './tenant-directory.ts';

const POLL_MS = 2_000;
const clock = manualClock(Date.parse('2026-03-02T10:00:00.000Z'));

interface World {
  readonly directory: TenantDirectory;
  readonly opened: readonly string[];
  readonly closed: readonly string[];
  readonly write: (tenants: unknown) => Promise<void>;
  /** Lets the directory look at its file, until it does what the test waits for. */
  readonly until: (what: string, done: () => boolean | Promise<boolean>) => Promise<void>;
}

function textMemory(): Memory {
  let text: string | null = null;
  return {
    read: async () => text,
    write: async (now) => {
      text = now;
    },
  };
}

async function open(tenants: unknown, memory: Memory = textMemory()): Promise<World> {
  const folder = await tempFolder();
  const file = join(folder, 'tenants.json');
  const opened: string[] = [];
  const closed: string[] = [];
  const write = (content: unknown): Promise<void> =>
    writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  await write(tenants);
  const directory = await openTenantDirectory({
    file,
    defaults: {},
    openStore: async (tenant, region) => {
      opened.push(`${tenant.tenantId}/${region.name}`);
      if (region.name === 'nowhere') throw new InvalidTenants([{ path: '', message: 'cannot be opened' }]);
      const root = join(folder, tenant.tenantId, region.name);
      return openFileSystemStore({ root, region: region.name, clock, ids: systemIds() });
    },
    closeStore: ({ tenantId }, { name, storage }) => {
      closed.push(`${tenantId}/${name} ${storage.interface === 'FileSystem' ? storage.root : ''}`);
    },
    hashes: callerHashes(Buffer.alloc(32, 1).toString('base64')),
    clock,
    logger: createLogger({ level: 'silent', name: 'test' }),
    memory,
  });
  const until: World['until'] = async (what, done) => {
    await waitFor(what, async () => {
      await clock.advance(POLL_MS);
      return done();
    });
  };
  return { directory, opened, closed, write, until };
}

const tenant = (id: string, uuid: string, more: object = {}): object => ({
  name: id,
  tenant_id: id,
  tenant_uuid: uuid,
  status: 'ACTIVE',
  default_country: 'US',
  master_region: 'west',
  regions: [
    { name: 'europe', storage: { interface: 'FileSystem', root: '/europe' } },
    { name: 'west', storage: { interface: 'FileSystem', root: '/west' } },
  ],
  ...more,
});
const first = tenant('t100', '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d');
const second = tenant('t101', '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7e');

describe('the directory of tenants', () => {
  it('has the master region first, whatever the order of the file', async () => {
    const { directory } = await open([first]);
    const served = directory.byId('t100');
    expect(served?.stores.regions.map(({ name }) => name)).toEqual(['west', 'europe']);
    expect(directory.byUuid('2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d')).toBe(served);
    directory.stop();
  });

  it('takes up a tenant that is added while it runs, and opens no store again', async () => {
    const { directory, opened, write, until } = await open([first]);
    await write([first, second]);
    await until('the second tenant is served', () => directory.byId('t101') !== undefined);
    expect(opened).toEqual(['t100/europe', 't100/west', 't101/europe', 't101/west']);
    directory.stop();
  });

  it('takes up a region that is added to a tenant, and its stores are other ones from then on', async () => {
    const { directory, opened, write, until } = await open([first]);
    const before = directory.byId('t100')?.stores;
    const regions = ['asia', 'europe', 'west'].map((name) => ({
      name,
      storage: { interface: 'FileSystem', root: `/${name}` },
    }));
    await write([tenant('t100', '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d', { regions })]);
    await until('asia is in force', () => directory.byId('t100')?.stores.regions.length === 3);
    expect(directory.byId('t100')?.stores.regions.map(({ name }) => name)).toEqual(['west', 'asia', 'europe']);
    expect(directory.byId('t100')?.stores.master.store).toBe(before?.master.store);
    expect(before?.regions).toHaveLength(2);
    expect(opened).toEqual(['t100/europe', 't100/west', 't100/asia']);
    directory.stop();
  });

  it('tells of each region that is no longer in force, and opens it again when it is back', async () => {
    const { directory, opened, closed, write, until } = await open([first]);
    const west = { name: 'west', storage: { interface: 'FileSystem', root: '/west' } };
    const regionsOf = (): readonly string[] => directory.byId('t100')?.stores.regions.map(({ name }) => name) ?? [];
    await write([tenant('t100', '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d', { regions: [west] })]);
    await until('europe is out of force', () => regionsOf().length === 1);
    expect(closed).toEqual(['t100/europe /europe']);
    await write([first]);
    await until('europe is back', () => regionsOf().length === 2);
    expect(opened).toEqual(['t100/europe', 't100/west', 't100/europe']);
    const moved = { ...west, storage: { interface: 'FileSystem', root: '/moved' } };
    await write([tenant('t100', '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d', { regions: [moved] })]);
    await until('the regions are others', () => regionsOf().length === 1);
    expect(closed.slice(1)).toEqual(['t100/west /west', 't100/europe /europe']);
    await write([second]);
    await until('the tenant is gone', () => directory.byId('t100') === undefined);
    expect(closed.slice(3)).toEqual(['t100/west /moved']);
    directory.stop();
  });

  it('refuses a faulty change, says so, and keeps the old tenants in force until it is right', async () => {
    const { directory, write, until } = await open([first]);
    const refused = (): Promise<boolean> =>
      directory.check().then(
        () => false,
        () => true,
      );
    for (const faulty of ['[', [{ ...second, regions: [] }], [{ ...first, default_country: 'DE' }]]) {
      await write(faulty);
      await until('the change is refused', refused);
      expect(directory.all().map(({ tenant: { tenantId } }) => tenantId)).toEqual(['t100']);
      await write([first]);
      await until('the file is right again', async () => !(await refused()));
    }
    directory.stop();
  });

  it('takes a file that lists nobody any more for a mistake, and keeps the old tenants in force', async () => {
    const { directory, write, until } = await open([first]);
    const isRefused = (): Promise<boolean> =>
      directory.check().then(
        () => false,
        () => true,
      );
    await write([]);
    await until('the empty file is refused', isRefused);
    expect(directory.all().map(({ tenant: { tenantId } }) => tenantId)).toEqual(['t100']);
    await write([first, second]);
    await until('the file is right again', () => directory.all().length === 2);
    directory.stop();
  });

  it('lets go of what it opened for a file that it refused', async () => {
    const { directory, closed, write, until } = await open([first]);
    const before = directory.byId('t100');
    const moved = tenant('t100', '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d', {
      regions: [{ name: 'west', storage: { interface: 'FileSystem', root: '/moved' } }],
    });
    const nowhere = { name: 'nowhere', storage: { interface: 'FileSystem', root: '/nowhere' } };
    await write([moved, { ...second, master_region: 'nowhere', regions: [nowhere] }]);
    await until('the change is refused', () => closed.length > 0);
    expect(closed[0]).toBe('t100/west /moved');
    expect(directory.byId('t100')).toBe(before);
    await expect(directory.check()).rejects.toThrow(InvalidTenants);
    directory.stop();
  });
});

describe('a changed default country', () => {
  it('must be listed as a former one, also across a restart and by way of a file without the tenant', async () => {
    const memory = textMemory();
    const { directory, write, until } = await open([first], memory);
    await write([second]);
    await until('the other tenant is served', () => directory.byId('t101') !== undefined);
    directory.stop();
    const british = { ...first, default_country: 'GB' };
    await expect(open([british], memory)).rejects.toThrow(/must list US/);
    const honest = await open([{ ...british, former_default_countries: ['US'] }], memory);
    expect(honest.directory.byId('t100')?.stores.formerDefaultCountries).toEqual(['US']);
    honest.directory.stop();
  });
});
