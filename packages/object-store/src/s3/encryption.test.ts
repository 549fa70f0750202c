import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { bucketOn } from './server-bucket.ts';

whenAvailable(await s3Server(), 'a KMS key of a region on S3', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  it('is named by every request that writes an object, and what KMS refuses is told', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    const store = await bucket.open({ endpoint: proxy.url, kmsKeyId: 'alias/voicemail' });
    const refusal = faults.s3.error(400, 'KMS.DisabledException', 'arn:aws:kms:… is disabled.');
    const named: unknown[] = [];
    for (const path of ['x-id=PutObject', 'uploads']) {
      proxy.inject({ path, times: 9 }, async (exchange) => {
        const { headers } = exchange.request;
        named.push([headers['x-amz-server-side-encryption'], headers['x-amz-server-side-encryption-aws-kms-key-id']]);
        await refusal(exchange);
      });
    }
    const long = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 6; at++) yield Buffer.alloc(1024 * 1024, at);
    };
    const text = { contentType: 'text/plain' };
    const plain = await bucket.open();
    await plain.put('there', Buffer.from('x'), text);
    const calls = [
      () => store.put('a', Buffer.from('x'), text),
      () => store.put('a', long(), text),
      () => store.copy('there', 'a'),
      () => store.tag('there', {}, { order: 'touch-first' }),
      () => store.check(),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        kind: 'permission-denied',
        message: expect.stringContaining('the KMS key cannot be used') as string,
      });
    }
    expect(named).toEqual(calls.map(() => ['aws:kms', 'alias/voicemail']));
  });
});
