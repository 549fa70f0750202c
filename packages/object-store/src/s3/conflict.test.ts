import { systemClock, systemIds } from '@voicemail/runtime';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { withRetry } from '../layers/retry.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
/** Quick, so that a test need not wait for it. */
const POLICY = { maxAttempts: 4, baseMs: 1, maxMs: 2 };
const LAYER = { clock: systemClock(), ids: systemIds() };

whenAvailable(await s3Server(), 'a store on S3 where two conditional writes meet', (start) => {
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

  it('is asked again, and has the object once', async () => {
    const { proxy, store, retrying, direct } = await open();
    const conflict = faults.s3.conditionalRequestConflict();
    const absent = { ...TEXT, condition: { absent: true } } as const;
    proxy.inject({}, conflict);
    await expect(store.put('a', Buffer.from('x'), absent)).rejects.toMatchObject({ kind: 'busy', retryable: true });
    proxy.inject({ times: 3 }, conflict);
    const { etag } = await retrying.put('a', Buffer.from('x'), absent);
    proxy.inject({}, conflict);
    await retrying.put('a', Buffer.from('y'), { ...TEXT, condition: { etag } });
    expect((await direct.head('a'))?.etag).not.toBe(etag);
  });

  it('is asked again for a copy, for tags and for a deletion', async () => {
    const { proxy, retrying, direct } = await open();
    await direct.put('a', Buffer.from('x'), TEXT);
    const conflict = faults.s3.conditionalRequestConflict();
    const end = { method: 'POST', path: 'uploadId=' };
    proxy.inject(end, conflict);
    await retrying.copy('a', 'b');
    proxy.inject(end, conflict);
    expect((await retrying.tag('b', { a: '1' }, { order: 'touch-first' }))?.tags).toEqual({ a: '1' });
    proxy.inject({ method: 'DELETE' }, conflict);
    expect(await retrying.delete('b')).toBe(true);
    expect(await direct.head('b')).toBeNull();
  });
});
