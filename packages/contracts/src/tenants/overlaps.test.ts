import { describe, expect, test } from 'vitest';
import { InvalidTenants } from './invalid-tenants.ts';
import { parseTenants, type TenantDefaults } from './parse.ts';
import type { Storage } from './storage.ts';

const UUIDS = ['0', '1', '2'].map((digit) => `2c5ea4c${digit}-4067-11e9-8bad-9b1deb4d3b7d`);
const S3 = { interface: 'S3', bucket: 'voicemail' };
const BLOBS = { interface: 'BlobStorage', container: 'voicemail', account_url: 'https://one.example.com' };
const VOLUME = { interface: 'FileSystem', root: '/mnt/voicemail' };

type Regions = Readonly<Record<string, object>>;

/** A tenants' file, of the regions of each tenant. */
const fileOf = (...tenants: readonly (Regions | null)[]): unknown =>
  tenants.map((regions, index) => {
    const entry = { name: `t${index}`, tenant_id: `t${index}`, tenant_uuid: UUIDS[index], status: 'ACTIVE' };
    if (regions === null) return entry;
    const list = Object.entries(regions).map(([name, storage]) => ({ name, storage }));
    return { ...entry, master_region: list[0]?.name, regions: list };
  });

function faultsOf(file: unknown, defaults: TenantDefaults = {}): Readonly<Record<string, string>> {
  try {
    parseTenants(file, defaults);
  } catch (error) {
    if (error instanceof InvalidTenants) {
      return Object.fromEntries(error.faults.map(({ path, message }) => [path, message]));
    }
    throw error;
  }
  return {};
}

describe('two regions of one tenant', () => {
  test.each<[string, object, object]>([
    ['container', BLOBS, { ...BLOBS, account_url: 'https://ONE.example.com:443/', sas_file: '/s' }],
    [
      'container of one connection string',
      { ...connected('/s/one') },
      { ...connected('/s/one'), encryption_scope: 'scope' },
    ],
    ['bucket', S3, { ...S3, region: 'eu-west-1', credentials_file: '/s' }],
    ['bucket at an endpoint', { ...S3, endpoint: 'http://host:80' }, { ...S3, endpoint: 'http://HOST/' }],
    ['folder of a bucket', { ...S3, prefix: 'a/' }, { ...S3, prefix: 'a/', kms_key_id: 'alias/k' }],
    ['folder', VOLUME, { ...VOLUME, root: '/mnt/other/../voicemail/' }],
  ])('may not have the same %s', (_what, one, other) => {
    expect(faultsOf(fileOf({ a: one, b: other }))).toEqual({
      '[0].regions[1].storage': 'must not be that of [0].regions[0] too',
    });
  });

  test.each<[string, object, object]>([
    ['bucket', S3, { ...S3, prefix: 't0/' }],
    ['bucket, the inner one first', { ...S3, prefix: 'a/b/c/' }, { ...S3, prefix: 'a/' }],
    ['folder', VOLUME, { ...VOLUME, root: `${VOLUME.root}/t0` }],
    ['data folder', { ...VOLUME, root: '.' }, { ...VOLUME, root: 'regions/b' }],
    ['file system', { ...VOLUME, root: '/mnt/a' }, { ...VOLUME, root: '/' }],
  ])('may not lie in one another in a %s', (_what, one, other) => {
    expect(faultsOf(fileOf({ a: one, b: other }))).toEqual({
      '[0].regions[1].storage': 'must not lie in that of [0].regions[0], or round it',
    });
  });

  test.each<[string, object, object]>([
    ['two containers', BLOBS, { ...BLOBS, container: 'other' }],
    ['two accounts', BLOBS, { ...BLOBS, account_url: 'https://two.example.com' }],
    ['two connection strings', connected('/s/one'), connected('/s/two')],
    ['two endpoints', S3, { ...S3, endpoint: 'http://host' }],
    ['two folders of a bucket', { ...S3, prefix: 'a/' }, { ...S3, prefix: 'ab/' }],
    ['two folders of the same beginning', VOLUME, { ...VOLUME, root: `${VOLUME.root}-2` }],
    ['a folder and a bucket', VOLUME, { ...S3, prefix: 'mnt/' }],
  ])('may have %s', (_what, one, other) => {
    expect(faultsOf(fileOf({ a: one, b: other }))).toEqual({});
  });
});

describe('regions of several tenants', () => {
  test('may have one place under one name, for keys begin with the tenant', () => {
    expect(faultsOf(fileOf({ a: S3, b: BLOBS }, { b: BLOBS, a: S3 }, { a: S3 }))).toEqual({});
  });

  test('may not have one place under two names', () => {
    expect(faultsOf(fileOf({ a: S3 }, { b: S3 }))).toEqual({
      '[1].regions[0].storage': 'must not be that of [0].regions[0] too',
    });
  });

  test('may not lie in one another, where a tenant would see what is another’s', () => {
    const file = fileOf({ a: { ...S3, prefix: 't1/mailboxes/' } }, { a: S3 }, { c: { ...S3, prefix: 't1/' } });
    expect(faultsOf(file)).toEqual({
      '[1].regions[0].storage': 'must not lie in that of [0].regions[0], or round it',
      '[2].regions[0].storage': 'must not lie in that of [1].regions[0], or round it',
    });
  });

  test('are held against the region of the deployment too', () => {
    const storage: Storage = {
      interface: 'S3',
      bucket: 'voicemail',
      prefix: 'shared/',
      region: null,
      endpoint: null,
      forcePathStyle: false,
      credentialsFile: null,
      kmsKeyId: null,
    };
    const defaults = { region: 'a', storage };
    const shared = { ...S3, prefix: 'shared/' };
    expect(faultsOf(fileOf(null, { a: shared }), defaults)).toEqual({});
    expect(faultsOf(fileOf({ b: shared }, null, { a: { ...S3, prefix: 'shared/t1/' } }), defaults)).toEqual({
      '[0].regions[0].storage': 'must not be that of DEFAULT_REGION too',
      '[2].regions[0].storage': 'must not lie in that of DEFAULT_REGION, or round it',
    });
  });
});

function connected(file: string): object {
  return { interface: 'BlobStorage', container: 'voicemail', connection_string_file: file };
}
