import { azureServer, faultProxy, whenAvailable, type FaultProxy, shared } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { containerOf, type ServerContainer } from './server-container.ts';
import type { AzureBlobStore } from './options.ts';

const WAV = { contentType: 'audio/wav', tags: { caller_id: '+15551212000' } };
const MIB = 1024 * 1024;

whenAvailable(shared(await azureServer()), 'what Azure Blob Storage is asked', (start) => {
  let container: ServerContainer;
  let url: string;

  beforeAll(async () => {
    const server = await start();
    url = server.url;
    container = await containerOf(server);
    return () => container.dispose();
  });

  const opened = async (): Promise<{ store: AzureBlobStore; proxy: FaultProxy }> => {
    const proxy = await faultProxy(url);
    return { proxy, store: await container.open({}, proxy.url) };
  };

  /** The requests of a piece of work, as method and what the query names. */
  async function asked(work: (store: AzureBlobStore) => Promise<unknown>): Promise<readonly string[]> {
    const { store, proxy } = await opened();
    await work(store);
    return proxy.requests.all().map(({ method, path }) => {
      const { searchParams } = new URL(path, url);
      return [method, searchParams.get('comp')].filter((part) => part !== null).join(' ');
    });
  }

  describe('one request', () => {
    it('is a put of up to 8 MiB, or 2 MiB as a stream, whatever its tags and condition', async () => {
      expect(await asked((store) => store.put('a/put', Buffer.alloc(8 * MIB), WAV))).toEqual(['PUT']);
      const condition = { absent: true } as const;
      const streamed = async function* (): AsyncGenerator<Uint8Array> {
        for (let chunk = 0; chunk < 32; chunk++) yield Buffer.alloc(64 * 1024);
      };
      expect(await asked((store) => store.put('a/streamed', streamed(), { ...WAV, condition }))).toEqual(['PUT']);
    });

    it('is a get with tags, a head with tags, a delete and a check', async () => {
      const store = await container.open();
      await store.put('a/read', Buffer.from('x'), WAV);
      expect(await asked(async (one) => Array.fromAsync((await one.get('a/read'))?.body ?? []))).toEqual(['GET']);
      expect(await asked((one) => one.head('a/read'))).toEqual(['HEAD']);
      expect(await asked((one) => one.delete('a/read'))).toEqual(['DELETE']);
      expect(await asked((one) => one.check())).toEqual(['PUT block']);
    });

    it('is a page of a listing, begun anywhere, of folders and of a search', async () => {
      const store = await container.open();
      for (const key of ['l/a/x', 'l/b/y', 'l/c/z']) await store.put(key, Buffer.from('x'), WAV);
      expect(await asked((one) => Array.fromAsync(one.list('l/', { after: 'l/a/x' })))).toEqual(['GET list']);
      expect(await asked((one) => Array.fromAsync(one.folders('l/', { after: 'a' })))).toEqual(['GET list']);
      const tag = { name: 'caller_id', value: '+15551212000' };
      expect(await asked((one) => Array.fromAsync(one.find('l/', tag)))).toEqual(['GET blobs']);
    });
  });

  it('a put of more takes one request for each piece, and one', async () => {
    const pieces = ['PUT block', 'PUT block', 'PUT block', 'PUT blocklist'];
    expect(await asked((store) => store.put('a/large', Buffer.alloc(17 * MIB), WAV))).toEqual(pieces);
    const streamed = async function* (): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 5; chunk++) yield Buffer.alloc(MIB);
    };
    expect(await asked((store) => store.put('a/streamed', streamed(), WAV))).toEqual(pieces);
  });

  it('a copy takes two, a change of tags four', async () => {
    const store = await container.open();
    await store.put('c/from', Buffer.from('x'), WAV);
    expect(await asked((one) => one.copy('c/from', 'c/to'))).toEqual(['HEAD', 'PUT']);
    const tags = { caller_id: '+15551212001' };
    expect(await asked((one) => one.tag('c/from', tags, { order: 'touch-first' }))).toEqual([
      'HEAD',
      'PUT metadata',
      'PUT tags',
      'PUT metadata',
    ]);
  });

  it('a purge takes one where nothing is kept, else one for each thing kept and one to look again', async () => {
    const store = await container.open();
    await store.put('p/a', Buffer.from('x'), WAV);
    expect(await asked((one) => one.purge('p/a'))).toEqual(['GET list']);
    await container.client.getBlobClient('p/a').createSnapshot();
    expect(await asked((one) => one.purge('p/a'))).toEqual(['GET list', 'DELETE', 'GET list']);
  });
});
