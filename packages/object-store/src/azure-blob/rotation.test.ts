import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ContainerSASPermissions } from '@azure/storage-blob';
import { manualClock, type ManualClock } from '@voicemail/runtime';
import {
  azureServer,
  faultProxy,
  faults,
  waitFor,
  whenAvailable,
  type AzureServer,
  type FaultProxy,
  shared,
} from '@voicemail/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AzureBlobStore } from './options.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const WAV = { contentType: 'audio/wav' };
const HOUR_MS = 3_600_000;
const SHORT_MS = 8_000;
const REREAD_MS = 5_000;

whenAvailable(shared(await azureServer()), 'a secret of Azure Blob Storage that is replaced', (start) => {
  let container: ServerContainer;
  let server: AzureServer;
  let proxy: FaultProxy;
  let clock: ManualClock;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  beforeEach(async () => {
    proxy = await faultProxy(server.url);
    // Stands still, so that a file is looked at again only where the test says so.
    clock = manualClock(Date.now());
  });

  const sas = async (lifeMs: number): Promise<string> => {
    const url = await container.client.generateSasUrl({
      permissions: ContainerSASPermissions.parse('rcwdxltf'),
      expiresOn: new Date(Date.now() + lifeMs),
    });
    return new URL(url).search.slice(1);
  };
  const withSas = (sasFile: string): Promise<AzureBlobStore> =>
    container.open({ connectionStringFile: null, accountUrl: proxy.url, sasFile, clock });

  const expired = (signature: string): Promise<void> =>
    waitFor(
      'the signature has run out',
      async () => (await fetch(`${server.url}/${container.name}/x?${signature}`)).status === 403,
    ).then(() => undefined);

  it('because it runs out makes no request fail: the first that is refused takes the new one', async () => {
    const short = await sas(SHORT_MS);
    const file = await container.secret('short', short);
    const store = await withSas(file);
    await store.put('r/a', Buffer.from('x'), WAV);
    await writeFile(file, await sas(HOUR_MS));
    await expired(short);
    proxy.requests.clear();
    const calls = [
      store.head('r/a'),
      store.put('r/b', Buffer.from('y'), WAV),
      Array.fromAsync(store.list('r/')),
      store.copy('r/a', 'r/c'),
    ];
    await Promise.all(calls);
    proxy.requests.clear();
    await store.head('r/a');
    expect(proxy.requests.count()).toBe(1);
  });

  it('in the middle of a put in pieces does not end it', async () => {
    const short = await sas(SHORT_MS);
    const file = await container.secret('middle', short);
    const store = await withSas(file);
    const piece = Buffer.alloc(4 * 1024 * 1024, 'voice');
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield piece;
      yield piece;
      await writeFile(file, await sas(HOUR_MS));
      await expired(short);
      yield piece;
    };
    expect(await store.put('r/large', body(), WAV)).toMatchObject({ size: 3 * piece.length });
  });

  it('that runs out and is not replaced is told, after one request', async () => {
    const short = await sas(SHORT_MS);
    const store = await withSas(await container.secret('unreplaced', short));
    await expired(short);
    await expect(store.head('r/a')).rejects.toMatchObject({ kind: 'permission-denied', operation: 'head' });
    expect(proxy.requests.count()).toBe(1);
  });

  it('is taken up within seconds while the old one still holds', async () => {
    const [first, second] = [await sas(HOUR_MS), await sas(2 * HOUR_MS)];
    const file = await container.secret('overlap', first);
    const store = await withSas(file);
    const signature = (text: string): string => `sig=${encodeURIComponent(new URLSearchParams(text).get('sig') ?? '')}`;
    await store.head('r/a');
    await writeFile(file, second);
    await store.head('r/a');
    await clock.advance(REREAD_MS);
    await store.head('r/a');
    const used = proxy.requests.all().map(({ path }) => (path.includes(signature(second)) ? 'second' : 'first'));
    expect(used).toEqual(['first', 'first', 'second']);
  });

  it('by a swap of links, as a mounted secret is, is seen too', async () => {
    const root = dirname(await container.secret('links', ''));
    const publish = async (version: string, key: string): Promise<void> => {
      const folder = join(root, `..${version}`);
      await mkdir(folder);
      await writeFile(join(folder, 'key'), key);
      await symlink(folder, join(root, `..data-${version}`));
      await rename(join(root, `..data-${version}`), join(root, '..data'));
    };
    await publish('1', Buffer.alloc(64).toString('base64'));
    const accountKeyFile = join(root, '..data', 'key');
    const store = await container.open({ connectionStringFile: null, accountUrl: proxy.url, accountKeyFile, clock });
    await expect(store.head('r/none')).rejects.toMatchObject({ kind: 'permission-denied' });
    await publish('2', server.key);
    expect(await store.head('r/none')).toBeNull();
  });

  describe('by something that does not do', () => {
    it('stays in force while it holds; once it is refused, the file is told', async () => {
      const file = await container.secret('spoilt', server.connectionString.replace(server.url, proxy.url));
      const store = await container.open({ connectionStringFile: file, clock });
      await store.head('r/a');
      await writeFile(file, 'half a conn');
      await clock.advance(REREAD_MS);
      await store.head('r/a');
      proxy.inject({}, faults.azure.authenticationFailed());
      const refused = store.head('r/a');
      await expect(refused).rejects.toMatchObject({ kind: 'permission-denied' });
      await expect(refused).rejects.toThrow(`the secret file ${file} holds something else`);
    });
  });
});
