import { randomBytes } from 'node:crypto';
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

const WAV = { contentType: 'audio/wav' };
const LARGE = randomBytes(2_000_000);

whenAvailable(shared(await azureServer()), 'a connection to Azure Blob Storage that breaks', (start) => {
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

  it('before or within a request leaves the object as it was', async () => {
    await store.put('b/kept', Buffer.from('before'), { ...WAV, tags: { a: 'b' } });
    for (const fault of [faults.resetBeforeRequest(), faults.resetInRequest()]) {
      for (const key of ['b/kept', 'b/new']) {
        proxy.inject({ method: 'PUT' }, fault);
        await expect(store.put(key, LARGE, WAV)).rejects.toMatchObject({ kind: 'unavailable', operation: 'put', key });
      }
    }
    const reader = await store.get('b/kept');
    expect(Buffer.concat(await Array.fromAsync(reader?.body ?? [])).toString()).toBe('before');
    expect(reader?.info.tags).toEqual({ a: 'b' });
    expect(await store.head('b/new')).toBeNull();
  });

  it.each([
    ['is reset', faults.resetInResponse()],
    ['ends', faults.truncateResponse()],
  ])('and %s in the middle of a body: the reader is told, and never takes a part for the whole', async (_, fault) => {
    await store.put('r/a', LARGE, WAV);
    proxy.inject({ method: 'GET' }, fault);
    const reader = await store.get('r/a');
    const read: Uint8Array[] = [];
    const reading = async (): Promise<void> => {
      for await (const chunk of reader?.body ?? []) read.push(chunk);
    };
    await expect(reading()).rejects.toMatchObject({ kind: 'unavailable', operation: 'get', key: 'r/a' });
    const part = Buffer.concat(read);
    expect(part.length).toBeLessThan(LARGE.length);
    expect(part.equals(LARGE.subarray(0, part.length))).toBe(true);
  });

  it('while nobody reads yet: the process lives, and who reads later is told', async () => {
    await store.put('r/unread', LARGE, WAV);
    proxy.inject({ method: 'GET' }, faults.resetInResponse());
    const reader = await store.get('r/unread');
    // The break is seen here at the latest, on the connection beside it.
    await store.head('r/unread');
    await expect(Array.fromAsync(reader?.body ?? [])).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('in the middle of a listing: what was listed stays, and the rest is no end', async () => {
    await store.put('l/a', Buffer.from('x'), WAV);
    proxy.inject({ method: 'GET', path: 'comp=list' }, faults.truncateResponse());
    await expect(Array.fromAsync(store.list('l/'))).rejects.toMatchObject({ name: 'StoreError', operation: 'list' });
  });

  it('to a server that is not there is unavailable, for every operation', async () => {
    const gone = await container.open({}, 'http://127.0.0.1:1/devtest');
    await expect(gone.head('k')).rejects.toMatchObject({ kind: 'unavailable', cause: { code: 'ECONNREFUSED' } });
    await expect(gone.check()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(gone.settings()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('to a container that is not there is unavailable, and never an empty store', async () => {
    const gone = await container.open({ container: 'not-there' });
    const calls: Promise<unknown>[] = [
      gone.put('k', Buffer.from('x'), WAV),
      gone.put('k', Buffer.alloc(9_000_000), WAV),
      gone.get('k'),
      gone.head('k'),
      gone.delete('k'),
      gone.copy('k', 'l'),
      Array.fromAsync(gone.list('')),
      Array.fromAsync(gone.folders('')),
      gone.tag('k', {}, { order: 'touch-first' }),
      gone.purge('k'),
      gone.check(),
    ];
    const kinds = calls.map((call) =>
      call.then(
        () => 'resolved',
        (error: { kind?: string }) => error.kind,
      ),
    );
    expect(new Set(await Promise.all(kinds))).toEqual(new Set(['unavailable']));
  });
});
