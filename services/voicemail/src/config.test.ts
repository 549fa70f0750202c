import { join } from 'node:path';
import { InvalidConfig, type Environment } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { readVoicemailConfig } from './config.ts';

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
      serverUrl: null,
      callerHashKeyFile: null,
      clockOffsetMs: 0,
      logLevel: 'info',
      defaultRegion: null,
    });
  });

  it('cannot be changed once it is read', () => {
    expect(Object.isFrozen(readVoicemailConfig({}))).toBe(true);
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

  it.each(['KAFKA_BROKERS', 'REDIS_URL'])('refuses %s, for only the embedded mode is in this version', (variable) => {
    expect(faultsOf({ [variable]: 'somewhere:9092' })).toEqual({
      [variable]: 'is of the distributed mode; only the embedded mode is in this version: unset it',
    });
  });

  it.each(['BlobStorage', 'S3'])('refuses %s as the storage of the deployment', (name) => {
    const faults = faultsOf({ STORAGE_INTERFACE: name, DEFAULT_REGION: 'westus2' });
    expect(faults).toEqual({ STORAGE_INTERFACE: 'must be FileSystem: no other storage is in this version' });
  });

  it('never repeats a token that it refuses', () => {
    expect(JSON.stringify(faultsOf({ VOICEMAIL_TOKEN: 'hush hush' }))).not.toContain('hush');
  });

  it('gives tenants without regions the region of the deployment, below the data folder unless told', () => {
    const env = { DATA_DIR: '/srv/vm', DEFAULT_REGION: 'north', STORAGE_INTERFACE: 'FileSystem' };
    expect(readVoicemailConfig(env).defaultRegion).toEqual({ name: 'north', root: '/srv/vm/regions/north' });
    expect(readVoicemailConfig({ ...env, STORAGE_ROOT: '/mnt/n' }).defaultRegion?.root).toBe('/mnt/n');
  });

  it('asks for the region and its storage together', () => {
    expect(Object.keys(faultsOf({ DEFAULT_REGION: 'north' }))).toEqual(['DEFAULT_REGION']);
    expect(Object.keys(faultsOf({ STORAGE_INTERFACE: 'FileSystem' }))).toEqual(['STORAGE_INTERFACE']);
    expect(Object.keys(faultsOf({ STORAGE_ROOT: '/mnt/n' }))).toEqual(['STORAGE_ROOT']);
  });
});
