import { systemClock, systemIds } from '@voicemail/runtime';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it, vi } from 'vitest';
import { withRetry } from '../layers/retry.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
/** Quick, so that a test need not wait for it. */
const POLICY = { maxAttempts: 4, baseMs: 1, maxMs: 2 };
const LAYER = { clock: systemClock(), ids: systemIds() };

whenAvailable(await s3Server(), 'a connection to S3 that is reset', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  /** A store behind a proxy, tried again or not, and the same bucket without it. */
  const open = async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    const store = await bucket.open({ endpoint: proxy.url });
    return { proxy, store, retrying: withRetry(store, POLICY, LAYER), direct: await bucket.open() };
  };

  it('before the request or in the middle of a body means that nothing was written', async () => {
    const { proxy, store, retrying, direct } = await open();
    for (const [index, fault] of [faults.resetBeforeRequest(), faults.resetInRequest()].entries()) {
      const key = `key-${index}`;
      const body = Buffer.alloc(300_000, index);
      proxy.inject({ method: 'PUT' }, fault);
      await expect(store.put(key, body, TEXT)).rejects.toMatchObject({ kind: 'unavailable' });
      expect(await direct.head(key)).toBeNull();
      proxy.inject({ method: 'PUT' }, fault);
      await retrying.put(key, body, { ...TEXT, condition: { absent: true } });
      expect((await direct.head(key))?.size).toBe(300_000);
    }
  });

  it('in the middle of what is read is an error, and never a shorter object', async () => {
    const { proxy, store, direct } = await open();
    await direct.put('a', Buffer.alloc(300_000, 7), TEXT);
    proxy.inject({ method: 'GET' }, faults.resetInResponse());
    const reader = await store.get('a');
    await expect(Array.fromAsync(reader?.body ?? [])).rejects.toMatchObject({ kind: 'unavailable', operation: 'get' });
  });

  it('while nobody reads yet is told to whoever reads, and ends nobody else', async () => {
    const { proxy, store, direct } = await open();
    await direct.put('a', Buffer.alloc(300_000, 7), TEXT);
    proxy.inject({ method: 'GET' }, faults.resetInResponse());
    const reader = await store.get('a');
    await vi.waitFor(() => expect(proxy.requests.count({ method: 'GET' })).toBe(1), { timeout: 15_000 });
    for (let turn = 0; turn < 20; turn++) await store.head('a');
    await expect(Array.fromAsync(reader?.body ?? [])).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('in the middle of a listing is an error', async () => {
    const { proxy, store, direct } = await open();
    await direct.put('a/b', Buffer.from('x'), TEXT);
    proxy.inject({ path: 'list-type' }, faults.resetInResponse());
    await expect(Array.fromAsync(store.list(''))).rejects.toMatchObject({ kind: 'unavailable', operation: 'list' });
    expect((await Array.fromAsync(store.list(''))).map(({ key }) => key)).toEqual(['a/b']);
  });
});
