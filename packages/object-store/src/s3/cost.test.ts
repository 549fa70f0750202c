import { afterTest, faultProxy, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { bucketOn } from './server-bucket.ts';

const MIB = 1024 * 1024;
const TAGGED = { contentType: 'audio/wav', tags: { caller_id: 'c0ffee' } };

async function* ofSize(mebibytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < mebibytes; at++) yield Buffer.alloc(MIB, at);
}

whenAvailable(await s3Server(), 'what a store on S3 costs', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  it('in requests is what the docs say of each operation, tags and all', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    const store = await bucket.open({ endpoint: proxy.url });
    const cost = async (work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> => {
      proxy.requests.clear();
      await work();
      return proxy.requests.tally();
    };
    const touch = { order: 'touch-first' } as const;

    expect(await cost(() => store.put('a', Buffer.from('x'), TAGGED))).toEqual({ PUT: 1 });
    expect(await cost(() => store.put('b', ofSize(5), TAGGED))).toEqual({ PUT: 1 });
    expect(await cost(() => store.put('c', ofSize(11), TAGGED))).toEqual({ POST: 2, PUT: 3 });
    expect(await cost(() => store.get('a'))).toEqual({ GET: 1 });
    expect(await cost(() => store.get('a', { range: { start: 0, end: 0 } }))).toEqual({ GET: 1 });
    expect(await cost(() => store.get('none'))).toEqual({ GET: 1 });
    expect(await cost(() => store.head('a'))).toEqual({ HEAD: 1 });
    expect(await cost(() => store.head('none'))).toEqual({ HEAD: 1, GET: 1 });
    expect(await cost(() => store.copy('c', 'd'))).toEqual({ HEAD: 1, POST: 2, PUT: 1 });
    expect(await cost(() => store.tag('d', {}, touch))).toEqual({ HEAD: 1, POST: 2, PUT: 1 });
    expect(await cost(() => Array.fromAsync(store.list('')))).toEqual({ GET: 1 });
    expect(await cost(() => Array.fromAsync(store.folders('')))).toEqual({ GET: 1 });
    expect(await cost(() => store.delete('a'))).toEqual({ HEAD: 1, DELETE: 1 });
    const { etag } = (await store.head('b')) ?? { etag: '' };
    expect(await cost(() => store.delete('b', { etag }))).toEqual({ DELETE: 1 });
    expect(await cost(() => store.purge('c'))).toEqual({ GET: 1 });
    expect(await cost(() => store.check())).toEqual({ POST: 1, DELETE: 1 });
  });
});
