import { writeFile } from 'node:fs/promises';
import { ContainerSASPermissions } from '@azure/storage-blob';
import { systemClock, systemIds } from '@voicemail/runtime';
import { azureServer, whenAvailable, type AzureServer, shared } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../port.ts';
import { openAzureBlobStore } from './azure-blob-store.ts';
import type { AzureBlobStoreOptions } from './options.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const WAV = { contentType: 'audio/wav', tags: { caller_id: '+15551212000' } };
const HOUR_MS = 3_600_000;
const NONE = { connectionStringFile: null, accountUrl: null, accountKeyFile: null, sasFile: null };
const BASE = { ...NONE, container: 'voicemail', clock: systemClock(), ids: systemIds() };

/** One of everything that takes a right of its own. */
async function expectEverything(store: ObjectStore): Promise<void> {
  await store.check();
  await store.put('e/a', Buffer.from('x'), WAV);
  await store.put('e/large', Buffer.alloc(9_000_000), WAV);
  expect(Buffer.concat(await Array.fromAsync((await store.get('e/a'))?.body ?? [])).toString()).toBe('x');
  await store.copy('e/a', 'e/b');
  await store.tag('e/a', { caller_id: 'b' }, { order: 'touch-first' });
  expect(await Array.fromAsync(store.find('e/', { name: 'caller_id', value: 'b' }))).toEqual(['e/a']);
  expect((await Array.fromAsync(store.list('e/'))).map(({ key }) => key)).toEqual(['e/a', 'e/b', 'e/large']);
  await store.purge('e/a');
  for (const key of ['e/a', 'e/b', 'e/large']) expect(await store.delete(key)).toBe(true);
}

whenAvailable(shared(await azureServer()), 'the way into Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  const sas = async (): Promise<string> => {
    const url = await container.client.generateSasUrl({
      permissions: ContainerSASPermissions.parse('rcwdxltf'),
      expiresOn: new Date(Date.now() + HOUR_MS),
    });
    return new URL(url).search.slice(1);
  };

  it('is a connection string with a key', async () => {
    await expectEverything(await container.open());
  });

  it('is a connection string with a signature', async () => {
    const text = `BlobEndpoint=${server.url};SharedAccessSignature=${await sas()}\n`;
    await expectEverything(await container.open({ connectionStringFile: await container.secret('with-sas', text) }));
  });

  it('is an account URL with one of the account’s keys', async () => {
    const accountKeyFile = await container.secret('key', `${server.key}\n`);
    await expectEverything(await container.open({ ...NONE, accountUrl: server.url, accountKeyFile }));
  });

  it.each(['', '?'])('is an account URL with a signature for this container alone ("%ssv=…")', async (mark) => {
    const sasFile = await container.secret('sas', `${mark}${await sas()}\n`);
    await expectEverything(await container.open({ ...NONE, accountUrl: server.url, sasFile }));
    const elsewhere = await container.open({ ...NONE, container: 'another', accountUrl: server.url, sasFile });
    await expect(elsewhere.head('k')).rejects.toMatchObject({ kind: 'permission-denied' });
  });

  describe('a secret file that does not do', () => {
    const files: readonly [string, keyof AzureBlobStoreOptions, string, RegExp][] = [
      ['is missing', 'accountKeyFile', 'MISSING', /cannot be read: it is to hold one key of the account, base64/],
      ['is empty', 'accountKeyFile', ' \n', /is empty: it is to hold one key/],
      ['holds no key', 'accountKeyFile', 'SECRET but no key', /holds something else: it is to hold one key/],
      ['holds no connection string', 'connectionStringFile', 'SECRET=x', /it is to hold a connection string/],
      ['holds no signature', 'sasFile', 'sv=2026&SECRET=x', /it is to hold a shared access signature/],
      [
        'holds what the client does not take',
        'connectionStringFile',
        'AccountKey=SECRET',
        /is not taken by the client \(\w+\): it is to hold a connection string/,
      ],
    ];

    it.each(files)('is told when it %s, by every call, without its content', async (name, option, text, told) => {
      const path = await container.secret(name.replaceAll(' ', '-'), text);
      const missing = `${path}-not`;
      const accountUrl = option === 'connectionStringFile' ? null : server.url;
      const store = await container.open({ ...NONE, accountUrl, [option]: text === 'MISSING' ? missing : path });
      for (const call of [() => store.head('k'), () => store.check(), () => Array.fromAsync(store.list(''))]) {
        const error = await call().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ name: 'StoreError', kind: 'permission-denied', retryable: true });
        expect(String(error)).toMatch(told);
        expect(String(error)).toContain(path);
        expect(String(error)).not.toContain('SECRET');
      }
    });

    it('does as soon as it is mended', async () => {
      const path = await container.secret('late', '');
      const store = await container.open({ connectionStringFile: path });
      await expect(store.head('k')).rejects.toMatchObject({ kind: 'permission-denied' });
      await writeFile(path, server.connectionString);
      expect(await store.head('k')).toBeNull();
    });
  });

  it('is refused with a wrong key, for every operation', async () => {
    const accountKeyFile = await container.secret('wrong', Buffer.alloc(64).toString('base64'));
    const store = await container.open({ ...NONE, accountUrl: server.url, accountKeyFile });
    for (const call of [() => store.head('k'), () => store.put('k', Buffer.from('x'), WAV), () => store.check()]) {
      await expect(call()).rejects.toMatchObject({
        kind: 'permission-denied',
        cause: { statusCode: 403 },
      });
    }
  });
});

describe('options that lead nowhere', () => {
  it.each<[string, Partial<AzureBlobStoreOptions>]>([
    ['neither an account nor a connection string', {}],
    ['both', { accountUrl: 'https://a.blob.core.windows.net', connectionStringFile: '/s' }],
    ['two secrets', { accountUrl: 'https://a.blob.core.windows.net', accountKeyFile: '/k', sasFile: '/s' }],
    ['no URL', { accountUrl: 'a.blob.core.windows.net' }],
    ['another protocol', { accountUrl: 'ftp://a.blob.core.windows.net' }],
    ['a URL with a signature', { accountUrl: 'https://a.blob.core.windows.net?sig=SECRET' }],
    ['a URL with a password', { accountUrl: 'https://a:SECRET@a.blob.core.windows.net' }],
    ['an identity without TLS', { accountUrl: 'http://a.blob.core.windows.net' }],
    ['no name of a container', { connectionStringFile: '/s', container: '../other' }],
    ['no account to a key', { accountUrl: 'https://voicemail.example.com', accountKeyFile: '/k' }],
  ])('are refused at once: %s', async (_, options) => {
    const error = await openAzureBlobStore({ ...BASE, ...options }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).not.toContain('SECRET');
  });
});
