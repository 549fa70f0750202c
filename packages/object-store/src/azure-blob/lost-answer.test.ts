import { systemClock, systemIds } from '@voicemail/runtime';
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
import { withRetry } from '../layers/retry.ts';
import type { ObjectStore } from '../port.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const WAV = { contentType: 'audio/wav', tags: { caller_id: '+15551212000' } };
const POLICY = { maxAttempts: 3, baseMs: 1, maxMs: 1 };

whenAvailable(shared(await azureServer()), 'an answer of Azure Blob Storage that is lost', (start) => {
  let container: ServerContainer;
  let server: AzureServer;
  let proxy: FaultProxy;
  let store: ObjectStore;
  let retried: ObjectStore;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  beforeEach(async () => {
    proxy = await faultProxy(server.url);
    store = await container.open({}, proxy.url);
    retried = withRetry(store, POLICY, { clock: systemClock(), ids: systemIds() });
  });

  it('leaves an object that is whole, with its tags, for whoever looks', async () => {
    proxy.inject({ method: 'PUT' }, faults.loseAnswer());
    await expect(store.put('l/a', Buffer.from('x'), WAV)).rejects.toMatchObject({
      kind: 'unavailable',
      retryable: true,
    });
    expect(await store.head('l/a')).toMatchObject({ size: 1, tags: WAV.tags });
  });

  it('makes a put that is tried again find its own first attempt in its way', async () => {
    proxy.inject({ method: 'PUT' }, faults.loseAnswer());
    const put = retried.put('l/b', Buffer.from('x'), { ...WAV, condition: { absent: true } });
    await expect(put).rejects.toMatchObject({ kind: 'condition-failed' });
    expect(await store.head('l/b')).toMatchObject({ size: 1, tags: WAV.tags });
  });

  it('of a put in pieces too: the commit was made, or it is made again', async () => {
    const body = Buffer.alloc(9_000_000, 'voice');
    proxy.inject({ path: 'comp=blocklist' }, faults.loseAnswer());
    expect(await retried.put('l/pieces', body, WAV)).toMatchObject({ size: body.length });
    const reader = await store.get('l/pieces');
    expect(Buffer.concat(await Array.fromAsync(reader?.body ?? [])).equals(body)).toBe(true);
  });

  it('of a delete: it is gone, and was not there any more when asked again', async () => {
    await store.put('l/c', Buffer.from('x'), WAV);
    proxy.inject({ method: 'DELETE' }, faults.loseAnswer());
    expect(await retried.delete('l/c')).toBe(false);
    expect(await store.head('l/c')).toBeNull();
  });

  it('of a change of tags: it is made again, and is the same', async () => {
    await store.put('l/d', Buffer.from('x'), WAV);
    for (const step of ['comp=metadata', 'comp=tags']) {
      proxy.inject({ path: step }, faults.loseAnswer());
      const tagged = await retried.tag('l/d', { step }, { order: 'touch-first' });
      expect(await store.head('l/d')).toMatchObject({ ...tagged });
      expect((await container.client.getBlobClient('l/d').getTags()).tags).toEqual({ step: step.replace('=', '=3D') });
    }
  });

  it('of a copy: the copy is there', async () => {
    await store.put('l/from', Buffer.from('x'), WAV);
    proxy.inject({ method: 'PUT' }, faults.loseAnswer());
    await expect(retried.copy('l/from', 'l/to')).rejects.toMatchObject({ kind: 'condition-failed' });
    expect(await store.head('l/to')).toMatchObject({ size: 1, tags: WAV.tags });
  });
});
