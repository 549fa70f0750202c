import { join } from 'node:path';
import { STORAGE_FIELDS } from '@voicemail/contracts';
import { InvalidConfig, type Environment } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { readVoicemailConfig } from './config.ts';
import { DEFAULT_REGION_VARIABLES } from './default-region.ts';

function faultsOf(env: Environment): Readonly<Record<string, string>> {
  try {
    readVoicemailConfig(env);
  } catch (error) {
    if (error instanceof InvalidConfig) {
      return Object.fromEntries(error.faults.map(({ variable, problem }) => [variable, problem]));
    }
    throw error;
  }
  return {};
}

describe('the configuration', () => {
  it('has the documented defaults', () => {
    expect(readVoicemailConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8081,
      data: { root: join(process.cwd(), 'data') },
      tenantsFile: join(process.cwd(), 'data', 'tenants.json'),
      token: null,
      tokenFile: null,
      serverUrl: null,
      callerHashKeyFile: null,
      clockOffsetMs: 0,
      logLevel: 'info',
      defaultRegion: null,
      distributed: null,
    });
  });

  it('cannot be changed once it is read', () => {
    expect(Object.isFrozen(readVoicemailConfig({}))).toBe(true);
  });

  it('takes one token, or the file of one', () => {
    expect(readVoicemailConfig({ VOICEMAIL_TOKEN_FILE: '/secrets/token' }).tokenFile).toBe('/secrets/token');
    expect(faultsOf({ VOICEMAIL_TOKEN: 'abc', VOICEMAIL_TOKEN_FILE: '/secrets/token' })).toEqual({
      VOICEMAIL_TOKEN_FILE: 'does not go with VOICEMAIL_TOKEN: unset one of them',
    });
  });

  it('lists every fault, not the first alone', () => {
    const faults = faultsOf({
      HOST: 'not a host',
      PORT: '70000',
      VOICEMAIL_TOKEN: 'has spaces',
      VOICEMAIL_URL: 'ftp://x',
      CLOCK_OFFSET: '1h',
      LOG_LEVEL: 'loud',
      DEFAULT_REGION: '../up',
      STORAGE_INTERFACE: 'Tape',
    });
    expect(Object.keys(faults)).toEqual([
      'HOST',
      'PORT',
      'VOICEMAIL_TOKEN',
      'VOICEMAIL_URL',
      'CLOCK_OFFSET',
      'LOG_LEVEL',
      'DEFAULT_REGION',
      'STORAGE_INTERFACE',
    ]);
  });

  it('never repeats a token that it refuses', () => {
    expect(JSON.stringify(faultsOf({ VOICEMAIL_TOKEN: 'hush hush' }))).not.toContain('hush');
  });

  it('gives tenants without regions the region of the deployment, below the data folder unless told', () => {
    const env = { DEFAULT_REGION: 'north', STORAGE_INTERFACE: 'FileSystem' };
    const storage = { interface: 'FileSystem', root: 'regions/north' };
    expect(readVoicemailConfig(env).defaultRegion).toEqual({ name: 'north', storage });
    const elsewhere = readVoicemailConfig({ ...env, STORAGE_ROOT: '/mnt/n' }).defaultRegion;
    expect(elsewhere?.storage).toEqual({ ...storage, root: '/mnt/n' });
  });

  it('has a variable for every field of each storage', () => {
    const blobs = readVoicemailConfig({
      DEFAULT_REGION: 'north',
      STORAGE_INTERFACE: 'BlobStorage',
      STORAGE_CONTAINER: 'voicemail',
      STORAGE_ACCOUNT_URL: 'https://a.example.com',
      STORAGE_SAS_FILE: 'sas',
      STORAGE_ENCRYPTION_SCOPE: 'scope',
    });
    expect(blobs.defaultRegion?.storage).toEqual({
      interface: 'BlobStorage',
      container: 'voicemail',
      connectionStringFile: null,
      accountUrl: 'https://a.example.com',
      accountKeyFile: null,
      sasFile: 'sas',
      encryptionScope: 'scope',
    });
    const s3 = readVoicemailConfig({
      DEFAULT_REGION: 'north',
      STORAGE_INTERFACE: 'S3',
      STORAGE_BUCKET: 'voicemail',
      STORAGE_PREFIX: 'production/',
      STORAGE_REGION: 'eu-west-1',
      STORAGE_ENDPOINT: 'http://127.0.0.1:7070',
      STORAGE_FORCE_PATH_STYLE: 'true',
      STORAGE_CREDENTIALS_FILE: '/secrets/s3',
      STORAGE_KMS_KEY_ID: 'alias/voicemail',
    });
    expect(s3.defaultRegion?.storage).toEqual({
      interface: 'S3',
      bucket: 'voicemail',
      prefix: 'production/',
      region: 'eu-west-1',
      endpoint: 'http://127.0.0.1:7070',
      forcePathStyle: true,
      credentialsFile: '/secrets/s3',
      kmsKeyId: 'alias/voicemail',
    });
    const variables = Object.values(STORAGE_FIELDS)
      .flat()
      .map((field) => `STORAGE_${field.toUpperCase()}`);
    expect(Object.keys(DEFAULT_REGION_VARIABLES).toSorted()).toEqual(
      [...new Set(['DEFAULT_REGION', ...variables])].toSorted(),
    );
  });

  it('asks for the region and its storage together', () => {
    expect(Object.keys(faultsOf({ DEFAULT_REGION: 'north' }))).toEqual(['DEFAULT_REGION']);
    expect(Object.keys(faultsOf({ STORAGE_INTERFACE: 'FileSystem' }))).toEqual(['STORAGE_INTERFACE']);
    expect(Object.keys(faultsOf({ STORAGE_ROOT: '/mnt/n' }))).toEqual(['STORAGE_ROOT']);
    expect(Object.keys(faultsOf({ STORAGE_BUCKET: 'voicemail', STORAGE_SAS_FILE: 's' }))).toEqual([
      'STORAGE_SAS_FILE',
      'STORAGE_BUCKET',
    ]);
  });

  it('lists every fault of a storage by the variable’s name, beside the others', () => {
    const blobs = { DEFAULT_REGION: 'north', STORAGE_INTERFACE: 'BlobStorage' };
    expect(faultsOf({ ...blobs, PORT: 'x', STORAGE_BUCKET: 'voicemail' })).toEqual({
      PORT: 'must be a whole number',
      STORAGE_BUCKET: 'is not of STORAGE_INTERFACE=BlobStorage: unset it',
      STORAGE_CONTAINER: 'is missing',
      STORAGE_INTERFACE: 'must have either STORAGE_CONNECTION_STRING_FILE or STORAGE_ACCOUNT_URL',
    });
    expect(
      faultsOf({
        DEFAULT_REGION: 'north',
        STORAGE_INTERFACE: 'S3',
        STORAGE_PREFIX: 'no-slash',
        STORAGE_ENDPOINT: 'host:80',
        STORAGE_FORCE_PATH_STYLE: 'perhaps',
        STORAGE_ROOT: '/mnt/n',
      }),
    ).toEqual({
      STORAGE_BUCKET: 'is missing',
      STORAGE_PREFIX: 'must be folders that each end in "/", such as t100/',
      STORAGE_ENDPOINT: 'must be an http or https URL',
      STORAGE_FORCE_PATH_STYLE: 'must be true or false',
      STORAGE_ROOT: 'is not of STORAGE_INTERFACE=S3: unset it',
    });
  });

  it('never repeats a secret that stands where a file belongs', () => {
    const faults = faultsOf({
      DEFAULT_REGION: 'north',
      STORAGE_INTERFACE: 'BlobStorage',
      STORAGE_CONTAINER: 'voicemail',
      STORAGE_CONNECTION_STRING_FILE: 'AccountName=a;AccountKey=hush',
    });
    expect(faults).toEqual({
      STORAGE_CONNECTION_STRING_FILE: 'must be the path of a file: secrets are read from files',
    });
  });
});
