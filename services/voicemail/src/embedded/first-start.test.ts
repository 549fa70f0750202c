import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTenants, type Storage } from '@voicemail/contracts';
import { systemIds } from '@voicemail/runtime';
import { tempFolder } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { readVoicemailConfig, type Config } from '../config.ts';
import { firstStart } from './first-start.ts';
import { seenStore } from '../regions/remembered.ts';

const ids = systemIds();

async function freshConfig(env: Record<string, string> = {}): Promise<Config> {
  return readVoicemailConfig({ DATA_DIR: await tempFolder(), ...env });
}

const volume = (root: string): Storage => ({ interface: 'FileSystem', root });

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('the first start', () => {
  it('writes tenants, token and caller-hash key, readable by their owner alone', async () => {
    const config = await freshConfig();
    const { token, callerHashKey } = await firstStart(config, ids);
    const { data } = config;
    expect(await Promise.all([data.tenants, data.token, data.callerHashKey].map(modeOf))).toEqual([
      '600',
      '600',
      '600',
    ]);
    expect(await readFile(data.token, 'utf8')).toBe(`${token}\n`);
    expect(token.length).toBeGreaterThan(40);
    expect(Buffer.from(callerHashKey, 'base64')).toHaveLength(32);
    expect(await modeOf(data.seen)).toBe('700');
  });

  it('writes the tenant t100 with its two regions in the data folder', async () => {
    const config = await freshConfig();
    await firstStart(config, ids);
    expect(parseTenants(JSON.parse(await readFile(config.tenantsFile, 'utf8')), {})).toEqual([
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
          { name: 'westus2', storage: { interface: 'FileSystem', root: 'regions/westus2' } },
          { name: 'westeurope', storage: { interface: 'FileSystem', root: 'regions/westeurope' } },
        ],
      },
    ]);
  });

  it('changes nothing that is there already', async () => {
    const config = await freshConfig();
    const first = await firstStart(config, ids);
    await writeFile(config.tenantsFile, '[]');
    expect(await firstStart(config, ids)).toEqual(first);
    expect(await readFile(config.tenantsFile, 'utf8')).toBe('[]');
  });

  it('keeps no token file where the environment has the token', async () => {
    const config = await freshConfig({ VOICEMAIL_TOKEN: 'from-outside' });
    expect((await firstStart(config, ids)).token).toBe('from-outside');
    expect(await readdir(config.data.root)).not.toContain('token');
  });

  it('takes the token of the file that is named, which must hold one', async () => {
    const file = join(await tempFolder(), 'token');
    const config = await freshConfig({ VOICEMAIL_TOKEN_FILE: file });
    await expect(firstStart(config, ids)).rejects.toThrow(
      `VOICEMAIL_TOKEN_FILE is ${file}, which is not there or empty`,
    );
    await writeFile(file, 'two words\n');
    await expect(firstStart(config, ids)).rejects.toThrow('must hold a bearer token and nothing else');
    await writeFile(file, 'from-a-file\n');
    expect((await firstStart(config, ids)).token).toBe('from-a-file');
    expect(await readdir(config.data.root)).not.toContain('token');
  });

  it('finishes what a crash cut short, and removes what it left', async () => {
    const config = await freshConfig();
    const { data } = config;
    const leftover = `.tenants.json.${'0'.repeat(32)}.tmp`;
    await writeFile(join(data.root, leftover), '[{"name":"t1');
    await writeFile(data.token, '');
    await writeFile(data.callerHashKey, '');
    const { token, callerHashKey } = await firstStart(config, ids);
    expect(token).not.toBe('');
    expect(callerHashKey).not.toBe('');
    expect(await modeOf(data.token)).toBe('600');
    expect((await readdir(data.root)).toSorted()).toEqual(['caller-hash.key', 'seen', 'tenants.json', 'token']);
  });

  it.each(['tenants', 'callerHashKey'] as const)(
    'is over once a store was seen: then %s, when it is lost, is not made anew',
    async (lost) => {
      const config = await freshConfig();
      const { data } = config;
      await mkdir(data.seen);
      await seenStore(data, volume(join(data.root, 'regions/westus2')), ids).write('an-identity');
      const kept = lost === 'tenants' ? data.callerHashKey : data.tenants;
      await writeFile(kept, 'something');
      await expect(firstStart(config, ids)).rejects.toThrow(/is gone: put it back from a backup/);
      expect(await readdir(data.root)).not.toContain(lost === 'tenants' ? 'tenants.json' : 'caller-hash.key');
    },
  );

  it('asks for a caller-hash key file that is named and not there', async () => {
    const config = await freshConfig({ CALLER_HASH_KEY_FILE: '/nowhere/caller-hash.key' });
    await expect(firstStart(config, ids)).rejects.toThrow('CALLER_HASH_KEY_FILE names /nowhere/caller-hash.key');
  });

  it('writes the tenants’ file where TENANTS_FILE says', async () => {
    const elsewhere = join(await tempFolder(), 'config', 'tenants.json');
    await firstStart(await freshConfig({ TENANTS_FILE: elsewhere }), ids);
    expect(await modeOf(elsewhere)).toBe('600');
  });
});

describe('what was seen of a store', () => {
  const connected = (connectionStringFile: string): Storage => ({
    interface: 'BlobStorage',
    container: 'voicemail',
    connectionStringFile,
    accountUrl: null,
    accountKeyFile: null,
    sasFile: null,
    encryptionScope: null,
  });

  it('is found again when the data folder has moved', async () => {
    const [before, after] = [await freshConfig(), await freshConfig()];
    for (const [index, storageIn] of [volume, connected].entries()) {
      const id = `id-${index}`;
      const there = { ...before.data, seen: after.data.root };
      await seenStore(there, storageIn(join(before.data.root, 'of/a')), ids).write(id);
      const moved = { ...after.data, seen: after.data.root };
      expect(await seenStore(moved, storageIn(join(after.data.root, 'of/a')), ids).read()).toBe(id);
    }
  });

  it('is kept apart for each place, and not for what else a storage says', async () => {
    const { data } = await freshConfig();
    await mkdir(data.seen);
    await seenStore(data, volume('/mnt/a'), ids).write('id-1');
    expect(await seenStore(data, volume('/mnt/b'), ids).read()).toBeNull();
    await seenStore(data, connected('/secrets/a'), ids).write('id-2');
    expect(await seenStore(data, connected('/secrets/b'), ids).read()).toBeNull();
    const scoped = { ...connected('/secrets/a'), encryptionScope: 'scope' } as const;
    expect(await seenStore(data, scoped, ids).read()).toBe('id-2');
  });
});
