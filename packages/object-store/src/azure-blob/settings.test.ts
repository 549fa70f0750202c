import { BlobServiceClient } from '@azure/storage-blob';
import { manualClock } from '@voicemail/runtime';
import {
  azureServer,
  faultProxy,
  faults,
  whenAvailable,
  type AzureServer,
  type FaultProxy,
  shared,
} from '@voicemail/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoreSetting } from '../port.ts';
import { containerOf, type ServerContainer } from './server-container.ts';
import type { AzureBlobStore, AzureBlobStoreOptions } from './options.ts';

const NAMES = [
  'versioning',
  'soft-delete',
  'replication',
  'object-lock',
  'encryption',
  'public-access',
  'clock',
  'lifecycle',
] as const;

whenAvailable(shared(await azureServer()), 'the settings of Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;
  let proxy: FaultProxy;
  let store: AzureBlobStore;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  beforeEach(async () => {
    proxy = await faultProxy(server.url);
    store = await container.open({}, proxy.url);
  });

  const setting = async (
    name: StoreSetting['name'],
    options: Partial<AzureBlobStoreOptions> = {},
  ): Promise<StoreSetting | undefined> => {
    const asked = Object.keys(options).length === 0 ? store : await container.open(options, proxy.url);
    return (await asked.settings()).find((one) => one.name === name);
  };

  it('are told, each once, and asking leaves nothing behind', async () => {
    await store.put('a/kept', Buffer.from('x'), { contentType: 'text/plain' });
    const settings = await store.settings();
    expect(settings.map(({ name }) => name)).toEqual(NAMES);
    expect(Object.fromEntries(settings.map(({ name, state }) => [name, state]))).toEqual({
      versioning: 'fine',
      'soft-delete': 'fine',
      // The account's own rules are not for its data's users: never taken for fine.
      replication: 'unknown',
      'object-lock': 'fine',
      encryption: 'fine',
      'public-access': 'fine',
      clock: 'fine',
      lifecycle: 'unknown',
    });
    for (const { state, advice } of settings) expect(advice === undefined).toBe(state === 'fine');
    expect((await Array.fromAsync(container.client.listBlobsFlat())).map(({ name }) => name)).toEqual(['a/kept']);
  });

  it('show a container that anybody may read', async () => {
    const open = await containerOf(server);
    await open.client.setAccessPolicy('container');
    const settings = await (await open.open()).settings();
    expect(settings.find(({ name }) => name === 'public-access')).toMatchObject({
      state: 'wrong',
      detail: expect.stringContaining('read and list'),
    });
    await open.dispose();
  });

  it('show a clock that is off, either way', async () => {
    for (const [offMs, told] of [
      [-3_600_000, 'behind'],
      [3_600_000, 'ahead'],
    ] as const) {
      const off = await setting('clock', { clock: manualClock(Date.now() + offMs) });
      expect(off).toMatchObject({ state: 'wrong', detail: expect.stringContaining(told) });
    }
    proxy.inject({ method: 'GET', path: 'restype=container' }, faults.shiftDate(120_000));
    expect(await setting('clock')).toMatchObject({ state: 'wrong', detail: expect.stringMatching(/1[12]\d s behind/) });
  });

  it('show soft delete that was turned on', async () => {
    const service = BlobServiceClient.fromConnectionString(server.connectionString);
    await service.setProperties({ deleteRetentionPolicy: { enabled: true, days: 7 } });
    expect(await setting('soft-delete')).toMatchObject({ state: 'wrong', detail: expect.stringContaining('7 days') });
    await service.setProperties({ deleteRetentionPolicy: { enabled: false } });
    expect(await setting('soft-delete')).toMatchObject({ state: 'fine' });
  });

  describe('that Azurite has not (recorded answers)', () => {
    const written = { 'content-length': '0', etag: '"0x1"', 'last-modified': 'Mon, 02 Nov 2026 10:00:00 GMT' };
    const VERSION = '2026-11-02T10:00:00.0000000Z';

    it('show versions, and take the probe’s own away', async () => {
      proxy.inject({ method: 'PUT' }, async (exchange) => {
        const answer = await exchange.askServer();
        await exchange.passOn(answer, [...answer.rawHeaders, 'x-ms-version-id', VERSION]);
      });
      proxy.inject({ method: 'DELETE', path: 'versionid' }, faults.answer(202));
      expect(await setting('versioning')).toMatchObject({
        state: 'fine',
        detail: expect.stringContaining('until it is purged'),
      });
      expect(proxy.requests.count({ method: 'DELETE', path: `versionid=${encodeURIComponent(VERSION)}` })).toBe(1);
    });

    it('show locks on the container', async () => {
      proxy.inject(
        { method: 'GET', path: 'restype=container' },
        faults.answer(200, {
          ...written,
          'x-ms-has-immutability-policy': 'true',
          'x-ms-has-legal-hold': 'true',
          'x-ms-immutable-storage-with-versioning-enabled': 'false',
        }),
      );
      expect(await setting('object-lock')).toMatchObject({
        state: 'wrong',
        detail: 'the container has an immutability policy, a legal hold',
      });
    });

    it('show copies to another account', async () => {
      const entry =
        '<Blob><Name>a</Name><Properties><Last-Modified>Mon, 02 Nov 2026 10:00:00 GMT</Last-Modified><Etag>0x1</Etag></Properties><OrMetadata><or-policy1_rule1>complete</or-policy1_rule1></OrMetadata></Blob>';
      proxy.inject(
        { method: 'GET', path: 'comp=list' },
        faults.answer(
          200,
          { 'content-type': 'application/xml' },
          `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://x/" ContainerName="c"><Blobs>${entry}</Blobs><NextMarker /></EnumerationResults>`,
        ),
      );
      expect(await setting('replication')).toMatchObject({ state: 'wrong', detail: expect.stringContaining('1 of 1') });
    });

    it('show whether what is written is in the region’s encryption scope', async () => {
      const encryptionScope = 'voicemail-westus2';
      const scoped = async (scope: string): Promise<StoreSetting | undefined> => {
        proxy.inject({ method: 'PUT' }, async (exchange) => {
          expect(exchange.request.headers['x-ms-encryption-scope']).toBe(encryptionScope);
          const answer = await exchange.askServer();
          await exchange.passOn(answer, [...answer.rawHeaders, 'x-ms-encryption-scope', scope]);
        });
        return setting('encryption', { encryptionScope });
      };
      expect(await scoped(encryptionScope)).toMatchObject({ state: 'fine' });
      expect(await scoped('another')).toMatchObject({ state: 'wrong', detail: expect.stringContaining('another') });
    });

    it('show a key that is gone', async () => {
      proxy.inject(
        { method: 'PUT', times: 9 },
        faults.azure.error(403, 'KeyVaultEncryptionKeyNotFound', 'The key is gone.'),
      );
      expect(await setting('encryption')).toMatchObject({
        state: 'wrong',
        detail: expect.stringContaining('KeyVaultEncryptionKeyNotFound'),
      });
    });
  });

  it('that the credentials may not ask for are unknown, with the right that it takes', async () => {
    proxy.inject({ times: 1_000 }, faults.azure.error(403, 'AuthorizationPermissionMismatch', 'no'));
    const settings = await store.settings();
    expect(settings.map(({ name }) => name)).toEqual(NAMES);
    for (const { name, state, advice } of settings) {
      expect(state).toBe(name === 'encryption' ? 'wrong' : 'unknown');
      expect(advice).toMatch(/right|read|rights/);
    }
  });
});
