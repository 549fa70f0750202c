import { afterTest, faultProxy, faults, s3Server, whenAvailable, type Fault, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };

whenAvailable(await s3Server(), 'bytes from S3 that are not those that were written', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  /** A store behind a proxy, and the same bucket without it. */
  const open = async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    const store = await bucket.open({ endpoint: proxy.url });
    return { proxy, store, direct: await bucket.open() };
  };

  /** Passes the answer on with its last byte changed. */
  const damage: Fault = async (exchange) => {
    const answer = await exchange.askServer();
    const body = Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>));
    body.writeUInt8(body.readUInt8(body.length - 1) ^ 1, body.length - 1);
    exchange.response.writeHead(answer.statusCode ?? 502, answer.rawHeaders).end(body);
  };

  it('are told by the checksum that S3 keeps, of an object in one piece, in parts, or copied', async () => {
    const { proxy, store, direct } = await open();
    const body = async function* (): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 6; chunk++) yield Buffer.alloc(1024 * 1024, chunk);
    };
    await direct.put('whole', Buffer.alloc(100_000, 7), TEXT);
    await direct.put('parts', body(), TEXT);
    await direct.copy('whole', 'copied');
    for (const key of ['whole', 'parts', 'copied']) {
      proxy.inject({ method: 'GET' }, damage);
      const reader = await store.get(key);
      await expect(Array.fromAsync(reader?.body ?? [])).rejects.toMatchObject({ kind: 'corrupt', retryable: false });
      expect((await Array.fromAsync((await store.get(key))?.body ?? [])).length).toBeGreaterThan(0);
    }
  });

  it('are refused by S3 when they are sent', async () => {
    const { proxy, store, direct } = await open();
    proxy.inject({ method: 'PUT' }, faults.s3.error(400, 'BadDigest', 'The checksum is wrong.'));
    await expect(store.put('a', Buffer.from('x'), TEXT)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await direct.head('a')).toBeNull();
  });
});
