import { systemClock, systemIds } from '@voicemail/runtime';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { withRetry } from '../layers/retry.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
/** Quick, so that a test need not wait for it. */
const POLICY = { maxAttempts: 4, baseMs: 1, maxMs: 2 };
const LAYER = { clock: systemClock(), ids: systemIds() };

whenAvailable(await s3Server(), 'an answer of S3 that ends too early', (start) => {
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

  it('is an error where it was to be an object, whole or a range of it', async () => {
    const { proxy, store, direct } = await open();
    await direct.put('a', Buffer.alloc(300_000, 7), TEXT);
    for (const options of [{}, { range: { start: 1000, end: 200_000 } }]) {
      proxy.inject({ method: 'GET' }, faults.truncateResponse());
      const reader = await store.get('a', options);
      expect(reader?.info.size).toBe(300_000);
      await expect(Array.fromAsync(reader?.body ?? [])).rejects.toMatchObject({ kind: 'unavailable' });
    }
  });

  it('is an error where it was to be a listing', async () => {
    const { proxy, retrying, direct } = await open();
    await direct.put('a/b', Buffer.from('x'), TEXT);
    proxy.inject({ path: 'list-type' }, faults.truncateResponse());
    expect((await Array.fromAsync(retrying.list(''))).map(({ key }) => key)).toEqual(['a/b']);
    expect(proxy.requests.count({ path: 'list-type' })).toBe(2);
  });
});
