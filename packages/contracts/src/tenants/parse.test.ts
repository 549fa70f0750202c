import { describe, expect, test } from 'vitest';
import { InvalidTenants } from './invalid-tenants.ts';
import { parseTenants, type TenantDefaults } from './parse.ts';

const CHART = { name: 't100', tenant_id: 't100', tenant_uuid: '2C5EA4C0-4067-11e9-8bad-9b1deb4d3b7d', status: 'INIT' };
const FILES = { name: 'westus2', storage: { interface: 'FileSystem', root: '/var/lib/voicemail/westus2' } };
const BLOBS = { interface: 'BlobStorage', container: 'voicemail', connection_string_file: '/secrets/westeurope' };
const S3 = { interface: 'S3', bucket: 'voicemail', prefix: 't100/', endpoint: null, credentials_file: '/secrets/s3' };
const FULL = {
  ...CHART,
  status: 'ACTIVE',
  default_country: 'US',
  access_number: '5555',
  sip_domain: 'voice.example.com',
  master_region: 'westus2',
  regions: [FILES, { name: 'westeurope', storage: BLOBS }, { name: 'us-east-1', storage: S3 }],
};

const withStorage = (storage: unknown): object => ({ ...FULL, regions: [{ name: 'westus2', storage }] });

function faultsOf(json: unknown, defaults: TenantDefaults = {}): InvalidTenants['faults'] {
  try {
    parseTenants(json, defaults);
  } catch (error) {
    if (error instanceof InvalidTenants) return error.faults;
    throw error;
  }
  return [];
}

const pathsOf = (json: unknown, defaults?: TenantDefaults): readonly string[] =>
  faultsOf(json, defaults).map(({ path }) => path);

describe('a tenant', () => {
  test('is read with a storage of its own for each region', () => {
    expect(parseTenants([FULL], {})).toEqual([
      {
        name: 't100',
        tenantId: 't100',
        tenantUuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
        status: 'ACTIVE',
        defaultCountry: 'US',
        formerDefaultCountries: [],
        accessNumber: '5555',
        sipDomain: 'voice.example.com',
        masterRegion: 'westus2',
        regions: [
          FILES,
          {
            name: 'westeurope',
            storage: {
              interface: 'BlobStorage',
              container: 'voicemail',
              connectionStringFile: '/secrets/westeurope',
              accountUrl: null,
              accountKeyFile: null,
              sasFile: null,
              encryptionScope: null,
            },
          },
          {
            name: 'us-east-1',
            storage: {
              interface: 'S3',
              bucket: 'voicemail',
              prefix: 't100/',
              region: null,
              endpoint: null,
              forcePathStyle: false,
              credentialsFile: '/secrets/s3',
              kmsKeyId: null,
            },
          },
        ],
      },
    ]);
  });

  test('of just the chart’s four fields gets the deployment’s region and storage', () => {
    const storage = { interface: 'FileSystem', root: '/data' } as const;
    expect(parseTenants([CHART], { region: 'westus2', storage })).toMatchObject([
      {
        status: 'INIT',
        defaultCountry: 'US',
        accessNumber: '5555',
        sipDomain: null,
        masterRegion: 'westus2',
        regions: [{ name: 'westus2', storage }],
      },
    ]);
    expect(pathsOf([CHART])).toEqual(['[0].regions']);
    expect(pathsOf([CHART], { region: 'westus2' })).toEqual(['[0].regions']);
    expect(pathsOf([{ ...CHART, master_region: 'westus2' }], { region: 'westus2', storage })).toEqual(['[0].regions']);
  });

  test.each([
    [{ interface: 'BlobStorage', container: 'voicemail', account_url: 'https://a.example.com' }],
    [{ interface: 'BlobStorage', container: 'voicemail', account_url: 'https://a.example.com', sas_file: '/s' }],
    [
      {
        interface: 'BlobStorage',
        container: 'voicemail',
        account_url: 'https://a.example.com',
        account_key_file: '/s',
      },
    ],
    [{ ...BLOBS, encryption_scope: 'voicemail-scope' }],
    [{ interface: 'S3', bucket: 'voicemail' }],
    [{ ...S3, kms_key_id: 'arn:aws:kms:eu-west-1:000000000000:key/01234567-89ab-cdef-0123-456789abcdef' }],
    [{ ...S3, kms_key_id: 'mrk-0123456789abcdef0123456789abcdef' }],
    [{ ...S3, kms_key_id: 'alias/voicemail' }],
    [{ interface: 'S3', bucket: 'v.m', region: 'eu-1', endpoint: 'http://127.0.0.1:7070', force_path_style: true }],
  ])('may have the storage %j', (storage) => {
    expect(pathsOf([withStorage(storage)])).toEqual([]);
  });
});

test('a file may name no tenant yet', () => {
  expect(parseTenants([], {})).toEqual([]);
});

describe('there is refused', () => {
  test.each([
    [{ tenant_id: '../t' }, ['[0].tenant_id']],
    [{ tenant_id: 'a/b' }, ['[0].tenant_id']],
    [{ tenant_id: '..' }, ['[0].tenant_id']],
    [{ tenant_id: 'staging' }, ['[0].tenant_id']],
    [{ tenant_id: 100 }, ['[0].tenant_id']],
    [{ tenant_uuid: 'x' }, ['[0].tenant_uuid']],
    [{ name: ' ' }, ['[0].name']],
    [{ status: 'active' }, ['[0].status']],
    [{ default_country: 'USA' }, ['[0].default_country']],
    [{ default_country: 'us' }, ['[0].default_country']],
    [{ former_default_countries: ['DE', 'XX'] }, ['[0].former_default_countries[1]']],
    [{ former_default_country: 'DE' }, ['[0].former_default_country']],
    [{ access_number: 5555 }, ['[0].access_number']],
    [{ sip_domain: 'voice..com' }, ['[0].sip_domain']],
    [{ sip_domain: 'a@b' }, ['[0].sip_domain']],
    [{ master_region: 'other' }, ['[0].master_region']],
    [{ master_region: undefined }, ['[0].master_region']],
    [{ regions: [] }, ['[0].regions', '[0].master_region']],
    [{ regions: [FILES, { ...FILES }] }, ['[0].regions[1].name', '[0].regions[1].storage']],
    [
      { regions: [FILES, { name: 'b', storage: { root: `${FILES.storage.root}/`, interface: 'FileSystem' } }] },
      ['[0].regions[1].storage'],
    ],
  ])('an entry with %j', (more, faults) => {
    expect(pathsOf([{ ...FULL, ...more }])).toEqual(faults);
  });

  const at = '[0].regions[0].storage';
  test.each([
    [undefined, [at]],
    ['FileSystem', [at]],
    [{ interface: 'Ftp', root: '/' }, [`${at}.interface`]],
    [{ interface: 'FileSystem' }, [`${at}.root`]],
    [{ interface: 'FileSystem', root: '' }, [`${at}.root`]],
    [{ interface: 'FileSystem', root: 'a\u0000' }, [`${at}.root`]],
    [{ interface: 'BlobStorage', container: 'voicemail' }, [at]],
    [{ ...BLOBS, account_url: 'https://a.example.com' }, [at]],
    [{ ...BLOBS, sas_file: '/s' }, [at]],
    [{ ...BLOBS, container: 'Voicemail' }, [`${at}.container`]],
    [{ ...S3, bucket: 'a' }, [`${at}.bucket`]],
    [{ ...S3, prefix: 't100' }, [`${at}.prefix`]],
    [{ ...S3, prefix: '../' }, [`${at}.prefix`]],
    [{ ...S3, endpoint: 'ftp://host' }, [`${at}.endpoint`]],
    [{ ...S3, kms_key_id: 'a key' }, [`${at}.kms_key_id`]],
    [{ ...S3, encryption_scope: 'scope' }, [`${at}.encryption_scope`]],
    [{ ...BLOBS, encryption_scope: 'a--b' }, [`${at}.encryption_scope`]],
    [{ ...BLOBS, kms_key_id: 'alias/voicemail' }, [`${at}.kms_key_id`]],
  ])('the storage %j', (storage, faults) => {
    expect(pathsOf([withStorage(storage)])).toEqual(faults);
  });

  test('a secret in the file, with the field that names a file in its place, and without repeating it', () => {
    const secret = 'c2VjcmV0';
    const storages = [
      { ...BLOBS, connection_string: secret },
      { ...BLOBS, connection_string_file: `AccountName=a;AccountKey=${secret}` },
      { interface: 'BlobStorage', container: 'voicemail', account_url: `https://a.example.com/?sv=1&sig=${secret}` },
      { ...S3, access_key: secret },
      { ...S3, secret_access_key: secret },
      { ...S3, endpoint: `https://user:${secret}@host` },
    ];
    for (const storage of storages) {
      const [fault, ...more] = faultsOf([withStorage(storage)]);
      expect(more).toEqual([]);
      expect(fault?.message).toContain('secrets are read from files');
      expect(JSON.stringify(fault)).not.toContain(secret);
    }
  });

  test('what two tenants share', () => {
    const other = { ...FULL, tenant_uuid: FULL.tenant_uuid.toLowerCase() };
    expect(pathsOf([FULL, other])).toEqual(['[1].name', '[1].tenant_id', '[1].tenant_uuid']);
  });

  test('a file that is no list', () => {
    expect(faultsOf({ tenants: [] })).toEqual([{ path: '', message: 'must be an array' }]);
    expect(pathsOf([null, 3])).toEqual(['[0]', '[1]']);
  });

  test('everything that is wrong, at once', () => {
    const wrong = { tenant_id: 't100', status: 'x', regions: [{ name: 'a', storage: {} }, { name: 'a' }], colour: 1 };
    expect(pathsOf([FULL, wrong]).toSorted()).toEqual([
      '[1].colour',
      '[1].master_region',
      '[1].name',
      '[1].regions[0].storage.interface',
      '[1].regions[1].name',
      '[1].regions[1].storage',
      '[1].status',
      '[1].tenant_id',
      '[1].tenant_uuid',
    ]);
  });
});
