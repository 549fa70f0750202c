import { systemClock, systemIds } from '@voicemail/runtime';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { withRetry } from '../layers/retry.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
/** Quick, so that a test need not wait for it. */
const POLICY = { maxAttempts: 4, baseMs: 1, maxMs: 2 };
const LAYER = { clock: systemClock(), ids: systemIds() };

whenAvailable(await s3Server(), 'a store on S3 that asks to slow down', (start) => {
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

  it('is busy, and is left alone for as long as it asks', async () => {
    const { proxy, store } = await open();
    proxy.inject({}, faults.s3.slowDown());
    await expect(store.put('a', Buffer.from('x'), TEXT)).rejects.toMatchObject({ kind: 'busy', retryAfterMs: null });
    proxy.inject({}, faults.s3.tooManyRequests(3));
    await expect(store.put('a', Buffer.from('x'), TEXT)).rejects.toMatchObject({ kind: 'busy', retryAfterMs: 3000 });
    proxy.inject({ method: 'HEAD' }, faults.s3.slowDown());
    await expect(store.head('a')).rejects.toMatchObject({ kind: 'busy' });
  });

  it('is asked again, by the layer and not by the SDK', async () => {
    const { proxy, store, retrying, direct } = await open();
    proxy.inject({ times: 3 }, faults.s3.slowDown());
    await expect(store.get('a')).rejects.toMatchObject({ kind: 'busy' });
    expect(proxy.requests.count()).toBe(1);
    await retrying.put('a', Buffer.from('x'), { ...TEXT, condition: { absent: true } });
    expect(proxy.requests.count({ method: 'PUT' })).toBe(3);
    expect((await direct.head('a'))?.size).toBe(1);
  });
});
