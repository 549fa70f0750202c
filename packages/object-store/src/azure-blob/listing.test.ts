import { ContainerSASPermissions } from '@azure/storage-blob';
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
import { compareKeys } from '../key.ts';
import type { ObjectStore } from '../port.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const TEXT = { contentType: 'text/plain' };
const HOUR_MS = 3_600_000;

whenAvailable(shared(await azureServer()), 'a listing of Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;
  let proxy: FaultProxy;
  let store: ObjectStore;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  beforeEach(async () => {
    proxy = await faultProxy(server.url);
    store = await container.open({}, proxy.url);
  });

  const keys = async (prefix: string, after?: string): Promise<readonly string[]> =>
    (await Array.fromAsync(store.list(prefix, after === undefined ? {} : { after }))).map(({ key }) => key);

  it('is in the order of the keys where the service compares otherwise, or names are changed', async () => {
    // By units of UTF-16, as Azurite compares, the last but one would be before the one before it.
    const ordered = [
      '.',
      '. ',
      '.!',
      '.-',
      '..',
      './',
      '.0',
      '0',
      '[',
      '\\',
      ']',
      'a',
      'é',
      '\ud7ff',
      '\ue000',
      '\uffee',
      '😀',
    ];
    const all = ordered.map((one) => `o/x${one}/y`).toSorted(compareKeys);
    for (const key of all) if (!key.includes('//')) await store.put(key, Buffer.from('x'), TEXT);
    const there = all.filter((key) => !key.includes('//'));
    expect(await keys('o/')).toEqual(there);
    const folders = there.map((key) => key.slice('o/'.length, -'/y'.length));
    expect(await Array.fromAsync(store.folders('o/'))).toEqual(folders);
    for (const [index, key] of there.entries()) {
      expect(await keys('o/', key)).toEqual(there.slice(index + 1));
      const after = folders[index] ?? '';
      expect(await Array.fromAsync(store.folders('o/', { after }))).toEqual(folders.slice(index + 1));
    }
  });

  it('shows nothing that others put under names of no key', async () => {
    for (const name of ['f/a..b', 'f/[x', 'f/folder/', 'f//x', 'f/own']) {
      await container.client.getBlockBlobClient(name).upload('x', 1);
    }
    expect(await keys('f/')).toEqual(['f/own']);
    expect(await Array.fromAsync(store.folders('f/'))).toEqual(['folder']);
  });

  it('shows nothing that was begun and not committed', async () => {
    await container.client.getBlockBlobClient('u/blocks').stageBlock(Buffer.from('id').toString('base64'), 'x', 1);
    await store.check();
    expect(await keys('u/')).toEqual([]);
    expect(await Array.fromAsync(store.folders('')).then((all) => all.includes('u'))).toBe(false);
  });

  describe('of several pages', () => {
    const lists = { method: 'GET', path: 'comp=list' };

    /** A store whose pages are small: the number is changed on its way, which a signature in the URL does not cover. */
    const withPagesOf = async (items: number): Promise<ObjectStore> => {
      const url = await container.client.generateSasUrl({
        permissions: ContainerSASPermissions.parse('rl'),
        expiresOn: new Date(Date.now() + HOUR_MS),
      });
      const sasFile = await container.secret('sas', new URL(url).search);
      proxy.inject({ ...lists, times: 1_000 }, async (exchange) => {
        exchange.request.url = (exchange.request.url ?? '').replace('maxresults=5000', `maxresults=${items}`);
        await faults.none()(exchange);
      });
      return container.open({ connectionStringFile: null, accountUrl: proxy.url, sasFile });
    };

    it('is whole, begun anywhere, and asks for no more than is read', async () => {
      const names = Array.from({ length: 30 }, (_, index) => `m/${String(index).padStart(2, '0')}/x`);
      for (const name of names) await store.put(name, Buffer.from('x'), TEXT);
      store = await withPagesOf(7);
      proxy.requests.clear();
      expect(await keys('m/')).toEqual(names);
      expect(proxy.requests.count(lists)).toBe(5);
      expect(await keys('m/', names[8])).toEqual(names.slice(9));
      expect(await Array.fromAsync(store.folders('m/'))).toEqual(names.map((name) => name.slice(2, 4)));
      expect(await Array.fromAsync(store.folders('m/', { after: '10' }))).toHaveLength(19);
      proxy.requests.clear();
      for await (const { key } of store.list('m/')) {
        expect(key).toBe(names[0]);
        break;
      }
      expect(proxy.requests.count(lists)).toBe(1);
    });

    it('of a search may have none on a page and more on the next (recorded answers)', async () => {
      const page = (marker: string, ...found: readonly string[]) =>
        faults.answer(
          200,
          { 'content-type': 'application/xml' },
          `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://x/"><Where>w</Where><Blobs>${found
            .map((name) => `<Blob><Name>${name}</Name><ContainerName>c</ContainerName><Tags><TagSet /></Tags></Blob>`)
            .join('')}</Blobs><NextMarker>${marker}</NextMarker></EnumerationResults>`,
        );
      const pages = [page('1', 't/a', 'beside/a'), page('2'), page('', 't/b..1/x', 't/odd..name')];
      for (const [index, answer] of pages.entries()) {
        proxy.inject({ method: 'GET', path: 'comp=blobs', nth: index + 1 }, answer);
      }
      const found = await Array.fromAsync(store.find('t/', { name: 'a', value: 'b' }));
      expect(found).toEqual(['t/a', 't/b./x']);
      const markers = proxy.requests.all().map(({ path }) => new URL(path, server.url).searchParams.get('marker'));
      expect(markers).toEqual([null, '1', '2']);
    });
  });
});
