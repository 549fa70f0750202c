import { systemClock, systemIds } from '@voicemail/runtime';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { withRetry } from '../layers/retry.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
/** Quick, so that a test need not wait for it. */
const POLICY = { maxAttempts: 4, baseMs: 1, maxMs: 2 };
const LAYER = { clock: systemClock(), ids: systemIds() };

whenAvailable(await s3Server(), 'an answer of S3 that is lost', (start) => {
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

  it('to a put leaves the object whole, and whoever asks again under a condition is told that one is there', async () => {
    const { proxy, store, retrying, direct } = await open();
    proxy.inject({ method: 'PUT' }, faults.loseAnswer());
    await expect(store.put('a', Buffer.from('x'), TEXT)).rejects.toMatchObject({ kind: 'unavailable' });
    expect((await direct.head('a'))?.size).toBe(1);
    proxy.inject({ method: 'PUT' }, faults.loseAnswer());
    const absent = { ...TEXT, condition: { absent: true } } as const;
    await expect(retrying.put('b', Buffer.from('x'), absent)).rejects.toMatchObject({ kind: 'condition-failed' });
    expect((await direct.head('b'))?.size).toBe(1);
  });

  it('to the end of a long body leaves the object whole', async () => {
    const { proxy, store, direct, bucket } = await open();
    proxy.inject({ method: 'POST', path: 'uploadId=' }, faults.loseAnswer());
    const body = async function* (): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 6; chunk++) yield Buffer.alloc(1024 * 1024, chunk);
    };
    await expect(store.put('long', body(), TEXT)).rejects.toMatchObject({ kind: 'unavailable' });
    expect((await direct.head('long'))?.size).toBe(6 * 1024 * 1024);
    expect((await bucket.client.listMultipartUploads({ Bucket: bucket.name })).Uploads ?? []).toEqual([]);
  });

  it('to a deletion makes the second attempt find nothing', async () => {
    const { proxy, retrying, direct } = await open();
    await direct.put('a', Buffer.from('x'), TEXT);
    proxy.inject({ method: 'DELETE' }, faults.loseAnswer());
    expect(await retrying.delete('a')).toBe(false);
    expect(await direct.head('a')).toBeNull();
  });

  it('to a copy or to new tags is found out by asking again', async () => {
    const { proxy, retrying, direct } = await open();
    await direct.put('a', Buffer.from('x'), { ...TEXT, tags: { old: 'tag' } });
    proxy.inject({ method: 'POST', path: 'uploadId=' }, faults.loseAnswer());
    await expect(retrying.copy('a', 'b')).rejects.toMatchObject({ kind: 'condition-failed' });
    expect((await direct.head('b'))?.tags).toEqual({ old: 'tag' });
    proxy.inject({ method: 'POST', path: 'uploadId=' }, faults.loseAnswer());
    const tagged = await retrying.tag('a', { new: 'tag' }, { order: 'touch-first' });
    expect(await direct.head('a')).toMatchObject({ ...tagged });
    expect(tagged?.tags).toEqual({ new: 'tag' });
  });
});
