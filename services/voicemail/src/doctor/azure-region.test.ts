import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAzureBlobStore, type AzureBlobStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import {
  accountSas,
  azureServer,
  makeContainer,
  tempFolder,
  whenAvailable,
  type AzureServer,
} from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { findingsOf, wrongIn } from './region-under-test.ts';

const [clock, ids] = [systemClock(), systemIds()];
const HOUR_MS = 3_600_000;

const azure = await azureServer();
whenAvailable(azure, 'the doctor and a region on Azure', (start) => {
  let server: AzureServer;
  const connected = { interface: 'BlobStorage', container: 'voicemail', connection_string_file: 'connection-string' };
  const signed = (): object => ({
    interface: 'BlobStorage',
    container: 'voicemail',
    account_url: server.url,
    sas_file: 'sas',
  });
  const sasOf = (permissions: string): Readonly<Record<string, string>> => ({
    sas: accountSas(server, clock.now() + HOUR_MS, permissions),
  });
  beforeAll(async () => {
    server = await start();
    await makeContainer(server, 'voicemail');
  });

  it('does every step, asks how the account is set up, and leaves nothing', async () => {
    for (const wasSeen of [false, true]) {
      const findings = await findingsOf(await tempFolder(), connected, {
        wasSeen,
        files: { 'connection-string': server.connectionString },
      });
      expect(wrongIn(findings)).toEqual([]);
      expect(findings['']?.detail).toBe(
        'container voicemail: put, get, condition, tag, find, list, check, delete, purge work',
      );
      expect(findings).toMatchObject({
        versioning: { detail: expect.stringContaining('off') as string },
        'soft-delete': { ok: true },
        clock: { ok: true },
        'public-access': { ok: true },
        lifecycle: { ok: true, unknown: true, advice: expect.stringContaining('management-policy show') as string },
      });
    }
    const store = await storeIn(server, 'voicemail');
    expect((await Array.fromAsync(store.list(''))).map(({ key }) => key)).toEqual(['.identity']);
    await store.close();
  });

  it('says of a container that is not there where to look, and makes none', async () => {
    const missing = { ...connected, container: 'not-made' };
    const findings = await findingsOf(await tempFolder(), missing, {
      files: { 'connection-string': server.connectionString },
    });
    expect(findings['put']).toMatchObject({
      ok: false,
      advice: expect.stringContaining('docs/storage-azure.md') as string,
    });
    const again = await findingsOf(await tempFolder(), missing, {
      files: { 'connection-string': server.connectionString },
    });
    expect(again['put']?.ok).toBe(false);
  });

  it('says of wrong credentials that they are refused, and never repeats them', async () => {
    const key = Buffer.alloc(64, 7).toString('base64');
    const text = server.connectionString.replace(server.key, key);
    const findings = await findingsOf(await tempFolder(), connected, { files: { 'connection-string': text } });
    expect(findings['put']).toMatchObject({ ok: false, detail: expect.stringContaining('refuses') as string });
    expect(JSON.stringify(findings)).not.toContain(key);
    const unread = await findingsOf(await tempFolder(), connected);
    expect(unread['put']?.detail).toContain('cannot be read');
  });

  it('names the permission that a signature lacks, step by step', async () => {
    const readonly = await findingsOf(await tempFolder(), signed(), { files: sasOf('rl') });
    expect(readonly['put']).toMatchObject({
      ok: false,
      advice: expect.stringContaining('permissions "cwt"') as string,
    });
    const noDelete = await findingsOf(await tempFolder(), signed(), { files: sasOf('rwcltf') });
    expect(wrongIn(noDelete)).toContain('delete');
    expect(noDelete['delete']?.advice).toContain('permissions "d"');
    const noFind = await findingsOf(await tempFolder(), signed(), { files: sasOf('rwclxdt') });
    expect(noFind['find']?.advice).toContain('permissions "f"');
    const allOfIt = await findingsOf(await tempFolder(), signed(), { files: sasOf('rcwdxltf') });
    expect(wrongIn(allOfIt)).toEqual([]);
  });

  it('finds an encryption scope that is not used, and an account that the address does not name', async () => {
    const files = { 'connection-string': server.connectionString, key: server.key };
    // This server takes the name of a scope and does nothing with it.
    const scoped = await findingsOf(await tempFolder(), { ...connected, encryption_scope: 'voicemail' }, { files });
    expect(scoped['encryption']?.ok).toBe(false);
    const nameless = { ...signed(), account_url: 'https://host.example', sas_file: null, account_key_file: 'key' };
    const unnamed = await findingsOf(await tempFolder(), nameless, { files });
    expect(unnamed['']).toMatchObject({ ok: false, detail: expect.stringContaining('names no account') as string });
  });

  it('finds the store of another region, before a start does', async () => {
    await makeContainer(server, 'elsewhere');
    const storage = { ...connected, container: 'elsewhere' };
    const files = { 'connection-string': server.connectionString };
    await findingsOf(await tempFolder(), storage, { wasSeen: true, files });
    const store = await storeIn(server, 'elsewhere');
    const other = Buffer.from(JSON.stringify({ id: 'x', region: 'south' }));
    await store.put('.identity', other, { contentType: 'application/json' });
    await store.close();
    const findings = await findingsOf(await tempFolder(), storage, { files });
    expect(findings['identity']).toMatchObject({ ok: false, detail: 'it is the store of region south' });
  });
});

async function storeIn(server: AzureServer, container: string): Promise<AzureBlobStore> {
  const file = join(await tempFolder(), 'connection-string');
  await writeFile(file, server.connectionString);
  const secrets = { connectionStringFile: file, accountUrl: null, accountKeyFile: null, sasFile: null };
  return openAzureBlobStore({ container, ...secrets, clock, ids });
}
