import { azureServer, faultProxy, faults, whenAvailable, type AzureServer, shared } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { containerOf, type ServerContainer } from './server-container.ts';

const WAV = { contentType: 'audio/wav' };
const ODD = "\" or \"caller_id\"='x' -- ''";

whenAvailable(shared(await azureServer()), 'tags on Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  const indexed = async (key: string): Promise<Record<string, string>> =>
    (await container.client.getBlobClient(key).getTags()).tags;

  it('are index tags, of a whole body, a streamed one and a copy, and go with a put that has none', async () => {
    const store = await container.open();
    const tags = { caller_id: '+15551212000' };
    const streamed = async function* (): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 5; chunk++) yield Buffer.alloc(1024 * 1024);
    };
    await store.put('i/whole', Buffer.from('x'), { ...WAV, tags });
    await store.put('i/streamed', streamed(), { ...WAV, tags });
    await store.copy('i/whole', 'i/copy');
    await store.copy('i/whole', 'i/other', { tags: { caller_id: 'b', n: '1' } });
    for (const key of ['i/whole', 'i/streamed', 'i/copy']) expect(await indexed(key)).toEqual(tags);
    expect(await indexed('i/other')).toEqual({ caller_id: 'b', n: '1' });
    await store.put('i/whole', Buffer.from('y'), WAV);
    expect(await indexed('i/whole')).toEqual({});
    expect((await store.head('i/whole'))?.tags).toEqual({});
  });

  it('cannot lead a search astray, whatever quotes are in them', async () => {
    const store = await container.open();
    await store.put('q/odd', Buffer.from('x'), { ...WAV, tags: { caller_id: ODD } });
    await store.put('q/x', Buffer.from('x'), { ...WAV, tags: { caller_id: 'x' } });
    expect(await Array.fromAsync(store.find('q/', { name: 'caller_id', value: ODD }))).toEqual(['q/odd']);
    expect(await Array.fromAsync(store.find('q/', { name: ODD, value: ODD }))).toEqual([]);
  });

  it('are found in this container alone, and not on what others put', async () => {
    const other = await containerOf(server);
    const tags = { caller_id: 'shared' };
    await (await other.open()).put('f/other', Buffer.from('x'), { ...WAV, tags });
    await container.client.getBlockBlobClient('f/no..key').upload('x', 1, { tags });
    const store = await container.open();
    await store.put('f/own', Buffer.from('x'), { ...WAV, tags });
    expect(await Array.fromAsync(store.find('', { name: 'caller_id', value: 'shared' }))).toEqual(['f/own']);
    await other.dispose();
  });

  const steps = [
    ['begun', { path: 'comp=metadata' }, 'old', 'old', undefined],
    ['told', { path: 'comp=tags' }, 'new', 'old', true],
    ['ended', { path: 'comp=metadata', nth: 2 }, 'new', 'new', true],
  ] as const;
  describe.each(steps)('a change of them that dies before it is %s', (step, before, told, found, tagsUnsettled) => {
    it.each(['touch-first', 'tags-first'] as const)('shows, and is ended by doing it again (%s)', async (order) => {
      const key = `m/${step}/${order}`;
      const proxy = await faultProxy(server.url);
      const store = await container.open({}, proxy.url);
      const tags = { old: { caller_id: 'a' }, new: { caller_id: 'a', forgetme: 'true' } };
      await store.put(key, Buffer.from('x'), { ...WAV, tags: tags.old });
      const dying = proxy.inject({ method: 'PUT', ...before }, faults.resetBeforeRequest());
      await expect(store.tag(key, tags.new, { order })).rejects.toMatchObject({ kind: 'unavailable' });
      expect(dying.hits).toBe(1);
      const half = await store.head(key);
      expect(half?.tags).toEqual(tags[told]);
      expect(half?.tagsUnsettled).toBe(tagsUnsettled);
      expect(await indexed(key)).toEqual(tags[found]);
      expect(await store.tag(key, tags.new, { order })).toMatchObject({ tags: tags.new });
      expect(await indexed(key)).toEqual(tags.new);
      expect(await store.head(key)).toMatchObject({ tags: tags.new });
      expect(await store.head(key)).not.toHaveProperty('tagsUnsettled');
    });
  });

  it('are put on the version that is there, when a writer comes between', async () => {
    const proxy = await faultProxy(server.url);
    const store = await container.open({}, proxy.url);
    const other = await container.open();
    await store.put('w/a', Buffer.from('before'), WAV);
    proxy.inject({ method: 'PUT', path: 'comp=metadata' }, async (exchange) => {
      await other.put('w/a', Buffer.from('meanwhile'), { ...WAV, tags: { n: '1' } });
      await faults.none()(exchange);
    });
    const tagged = await store.tag('w/a', { n: '2' }, { order: 'touch-first' });
    expect(tagged).toMatchObject({ size: 9, tags: { n: '2' } });
    expect(await store.head('w/a')).toMatchObject({ ...tagged });
  });

  it('are index tags of the new version too, where versions are kept (recorded header)', async () => {
    const proxy = await faultProxy(server.url);
    const store = await container.open({}, proxy.url);
    await store.put('v/a', Buffer.from('x'), { ...WAV, tags: { caller_id: 'a', forgetme: 'true' } });
    proxy.inject({ method: 'PUT', path: 'comp=metadata', nth: 2 }, async (exchange) => {
      const answer = await exchange.askServer();
      // As if the tags had stayed with the version before.
      await container.client.getBlobClient('v/a').setTags({});
      await exchange.passOn(answer, [...answer.rawHeaders, 'x-ms-version-id', '2026-11-02T10:00:00.0000000Z']);
    });
    await store.tag('v/a', { caller_id: 'a' }, { order: 'tags-first' });
    expect(await indexed('v/a')).toEqual({ caller_id: 'a' });
  });

  it('ask for no right to set tags, where there are none', async () => {
    const proxy = await faultProxy(server.url);
    const store = await container.open({}, proxy.url);
    const named: unknown[] = [];
    proxy.inject({ method: 'PUT', times: 9 }, async (exchange) => {
      named.push(exchange.request.headers['x-ms-tags']);
      await faults.none()(exchange);
    });
    await store.put('n/a', Buffer.from('x'), WAV);
    await store.put('n/b', Buffer.alloc(9_000_000), WAV);
    await store.copy('n/a', 'n/c', { tags: {} });
    expect(named.filter((tags) => tags !== undefined)).toEqual([]);
    expect(named.length).toBeGreaterThan(3);
  });

  it('are nobody’s, when the object is deleted in between', async () => {
    const proxy = await faultProxy(server.url);
    const store = await container.open({}, proxy.url);
    await store.put('w/gone', Buffer.from('x'), WAV);
    proxy.inject({ method: 'PUT', path: 'comp=tags' }, async (exchange) => {
      await container.client.getBlobClient('w/gone').delete();
      await faults.none()(exchange);
    });
    expect(await store.tag('w/gone', { n: '1' }, { order: 'touch-first' })).toBeNull();
  });
});
