import { writeFile } from 'node:fs/promises';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { bucketOn, profileOf } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };

whenAvailable(await s3Server(), 'credentials for S3 that have expired', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  const open = async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    const { accessKey, secretKey } = server;
    const file = await bucket.secret('credentials', profileOf({ accessKey, secretKey: `${secretKey} of yesterday` }));
    const store = await bucket.open({ endpoint: proxy.url, credentialsFile: file });
    return { proxy, store, renew: () => writeFile(file, profileOf(server)) };
  };

  it.each([400, 403] as const)('are read anew, and the request is made again (%i)', async (status) => {
    const { proxy, store, renew } = await open();
    const expired = proxy.inject({}, async (exchange) => {
      await renew();
      await faults.s3.expiredToken(status)(exchange);
    });
    await store.put('a', Buffer.from('x'), TEXT);
    expect([expired.hits, proxy.requests.count({ method: 'PUT' })]).toEqual([1, 2]);
  });

  it('are read anew also where the answer has no word for it', async () => {
    const { proxy, store, renew } = await open();
    proxy.inject({ method: 'HEAD' }, async (exchange) => {
      await renew();
      await faults.s3.expiredToken()(exchange);
    });
    expect(await store.head('a')).toBeNull();
    expect(proxy.requests.tally()).toEqual({ HEAD: 2, GET: 1 });
  });

  it('are told as such where there are no others, after one request', async () => {
    const { proxy, store } = await open();
    proxy.inject({ times: 9 }, faults.s3.expiredToken());
    const refused = { kind: 'permission-denied', message: expect.stringContaining('expired') as string };
    await expect(store.put('a', Buffer.from('x'), TEXT)).rejects.toMatchObject(refused);
    expect(proxy.requests.count()).toBe(1);
    await expect(store.head('a')).rejects.toMatchObject(refused);
  });

  it('that were never good for this are told apart', async () => {
    const { proxy, store, renew } = await open();
    await renew();
    proxy.inject({ method: 'PUT' }, faults.s3.accessDenied());
    await expect(store.put('a', Buffer.from('x'), TEXT)).rejects.toMatchObject({
      kind: 'permission-denied',
      message: expect.stringContaining('rights') as string,
    });
    proxy.inject({ method: 'HEAD' }, faults.s3.accessDenied());
    proxy.inject({ method: 'GET' }, faults.s3.accessDenied());
    await expect(store.head('a')).rejects.toMatchObject({ kind: 'permission-denied' });
  });
});
