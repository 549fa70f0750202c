import { systemClock, systemIds } from '@voicemail/runtime';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { withRetry } from '../layers/retry.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
/** Quick, so that a test need not wait for it. */
const POLICY = { maxAttempts: 4, baseMs: 1, maxMs: 2 };
const LAYER = { clock: systemClock(), ids: systemIds() };

whenAvailable(await s3Server(), 'a store on S3 with an error of its own', (start) => {
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
    return { bucket, proxy, store, retrying: withRetry(store, POLICY, LAYER), direct: await bucket.open() };
  };

  it('is asked again, and nothing is written by halves', async () => {
    const { proxy, retrying, direct } = await open();
    proxy.inject({ times: 2 }, faults.s3.internalError());
    await retrying.put('small', Buffer.from('x'), TEXT);
    expect((await direct.head('small'))?.size).toBe(1);
  });

  it('in the middle of a long body leaves nothing there, not even parts', async () => {
    const { proxy, store, direct, bucket } = await open();
    const body = async function* (): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 12; chunk++) yield Buffer.alloc(1024 * 1024, chunk);
    };
    for (const fails of [{ path: 'partNumber=2' }, { method: 'POST', path: 'uploadId=' }]) {
      const injected = proxy.inject(fails, faults.s3.internalError());
      await expect(store.put('long', body(), TEXT)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
      expect(injected.hits).toBe(1);
      expect(await direct.head('long')).toBeNull();
      expect((await bucket.client.listMultipartUploads({ Bucket: bucket.name })).Uploads ?? []).toEqual([]);
    }
  });

  it('is told as such when it lasts', async () => {
    const { proxy, retrying } = await open();
    const lasting = proxy.inject({ times: 99 }, faults.s3.internalError());
    await expect(retrying.get('a')).rejects.toMatchObject({ kind: 'unavailable', operation: 'get', key: 'a' });
    expect(lasting.hits).toBe(POLICY.maxAttempts);
  });
});
