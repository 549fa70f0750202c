import {
  azureServer,
  faultProxy,
  faults,
  whenAvailable,
  type AzureServer,
  type FaultProxy,
  shared,
} from '@voicemail/testing';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { ObjectStore } from '../port.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const WAV = { contentType: 'audio/wav', tags: { caller_id: '+15551212000' } };
const COPY = { method: 'PUT', path: /\/to\b/ };

whenAvailable(shared(await azureServer()), 'a copy on Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;
  let proxy: FaultProxy;
  let store: ObjectStore;

  beforeAll(async () => {
    server = await start();
  });

  beforeEach(async () => {
    container = await containerOf(server);
    proxy = await faultProxy(server.url);
    store = await container.open({}, proxy.url);
    await store.put('from', Buffer.from('voice'), WAV);
    return () => container.dispose();
  });

  it('is made by the service, with its tags and its sum in the same step', async () => {
    const copy = await store.copy('from', 'to', { tags: { caller_id: 'b' } });
    expect(proxy.requests.count(COPY)).toBe(1);
    expect(proxy.requests.count({ method: 'GET' })).toBe(0);
    expect(await store.head('to')).toMatchObject(copy);
    const blob = container.client.getBlobClient('to');
    expect((await blob.getTags()).tags).toEqual({ caller_id: 'b' });
    const [source, target] = await Promise.all([
      container.client.getBlobClient('from').getProperties(),
      blob.getProperties(),
    ]);
    expect(target.contentMD5).toEqual(source.contentMD5);
  });

  it('has no tags when it is to have none, whatever its source has', async () => {
    expect((await store.copy('from', 'to', { tags: {} })).tags).toEqual({});
    expect((await store.head('to'))?.tags).toEqual({});
    expect((await container.client.getBlobClient('to').getTags()).tags).toEqual({});
  });

  it('of the same name to another, odd ones too', async () => {
    for (const odd of ['a b+c%2F?#.', 'x\\y[z].../w', 'ü/日/😀']) {
      await store.copy('from', odd);
      await store.copy(odd, `${odd}-copy`);
      expect(await store.head(`${odd}-copy`)).toMatchObject({ size: 5, tags: WAV.tags });
    }
  });

  it.each([401, 403, 409])('goes through here where the service may not read the source (%i)', async (status) => {
    proxy.inject(COPY, faults.azure.error(status, 'CannotVerifyCopySource', 'no'));
    const copy = await store.copy('from', 'to');
    expect(copy).toMatchObject({ key: 'to', size: 5, contentType: 'audio/wav', tags: WAV.tags });
    expect(await store.head('to')).toMatchObject(copy);
    await store.put('taken', Buffer.from('x'), WAV);
    proxy.inject({ method: 'PUT', path: '/taken' }, faults.azure.error(status, 'CannotVerifyCopySource', 'no'));
    await expect(store.copy('from', 'taken')).rejects.toMatchObject({ kind: 'condition-failed' });
  });

  it('of a source that is gone by then is not made', async () => {
    proxy.inject(COPY, async (exchange) => {
      await container.client.getBlobClient('from').delete();
      await faults.none()(exchange);
    });
    await expect(store.copy('from', 'to')).rejects.toMatchObject({ kind: 'not-found' });
    proxy.inject(COPY, faults.azure.error(404, 'CannotVerifyCopySource', 'The specified blob does not exist.'));
    await store.put('from', Buffer.from('again'), WAV);
    await expect(store.copy('from', 'to')).rejects.toMatchObject({ kind: 'not-found' });
    expect(await store.head('to')).toBeNull();
  });

  it('of a source that was replaced by then is not made half one and half the other', async () => {
    const other = await container.open();
    proxy.inject(COPY, async (exchange) => {
      await other.put('from', Buffer.from('quite another'), { contentType: 'audio/mpeg' });
      await faults.none()(exchange);
    });
    await expect(store.copy('from', 'to')).rejects.toMatchObject({ kind: 'busy', retryable: true });
    expect(await store.head('to')).toBeNull();
    expect(await store.copy('from', 'to')).toMatchObject({ size: 13, contentType: 'audio/mpeg', tags: {} });
  });
});
