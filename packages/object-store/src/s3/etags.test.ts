import { createHash } from 'node:crypto';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { S3StoreOptions } from './options.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
const MIB = 1024 * 1024;
const md5 = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

async function* inPieces(body: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += 100_000) yield body.subarray(at, at + 100_000);
}

whenAvailable(await s3Server(), 'the etag of an object on S3', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  const open = async (options: Partial<S3StoreOptions> = {}) => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    return { bucket, proxy, store: await bucket.open({ endpoint: proxy.url, ...options }) };
  };

  describe('of bytes that are put again where they are', () => {
    it.each([0, 1, 300_000])(
      'is another one, so that a rival who holds the old one notices (%i bytes)',
      async (size) => {
        const { proxy, store } = await open();
        const body = Buffer.alloc(size, 7);
        const first = await store.put('a', body, TEXT);
        expect(first.etag).toBe(md5(body));
        proxy.requests.clear();
        const again = await store.put('a', body, { ...TEXT, tags: { a: '1' }, condition: { etag: first.etag } });
        expect(again).toMatchObject({ tags: { a: '1' }, size });
        // No moment at which the new tags were there under the old etag.
        expect(proxy.requests.count({ path: 'x-id=PutObject' })).toBe(0);
        const rival = store.put('a', Buffer.from('rival'), { ...TEXT, condition: { etag: first.etag } });
        await expect(rival).rejects.toMatchObject({ kind: 'condition-failed' });
        const third = await store.put('a', body, { ...TEXT, condition: { etag: again.etag } });
        expect(third.etag).not.toBe(again.etag);
      },
    );

    it('is another one also of a body in many parts', async () => {
      let random = 0.1;
      const { store } = await open({ ids: { random: () => random } });
      const body = Buffer.alloc(11 * MIB, 7);
      const { etag } = await store.put('a', inPieces(body), TEXT);
      expect(etag).toMatch(/-3"$/);
      const same = store.put('a', inPieces(body), { ...TEXT, condition: { etag } });
      await expect(same).rejects.toMatchObject({ kind: 'busy', retryable: true });
      random = 0.2;
      const again = await store.put('a', inPieces(body), { ...TEXT, condition: { etag } });
      expect(again.etag).not.toBe(etag);
      expect(again.size).toBe(body.length);
    });

    it('is another one where the store’s etags are no MD5', async () => {
      const { proxy, store } = await open();
      const body = Buffer.from('x');
      const { etag } = await store.put('a', body, TEXT);
      // As under a KMS key: an etag that the bytes do not give, and this time the same.
      proxy.inject({ path: 'x-id=PutObject' }, faults.answer(200, { etag: '"opaque"' }));
      proxy.inject({ method: 'POST', path: 'uploadId=' }, async (exchange) => {
        expect(exchange.request.headers['if-match']).toBe('"opaque"');
        const xml = `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`;
        await faults.answer(200, { 'content-type': 'application/xml' }, xml)(exchange);
      });
      expect((await store.put('a', body, { ...TEXT, condition: { etag: '"opaque"' } })).etag).toBe(etag);
    });
  });

  it('is that of its bytes where no condition asks for another', async () => {
    const { store } = await open();
    for (const key of ['a', 'b', 'a']) {
      expect((await store.put(key, Buffer.from('same'), TEXT)).etag).toBe(md5(Buffer.from('same')));
    }
  });
});
