import { Readable } from 'node:stream';
import { afterTest, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import type { PutOptions } from '../port.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };

whenAvailable(await s3Server(), 'a body that S3 does not take', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  it('is left, so that nothing it holds stays open, whenever it is refused', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const store = await bucket.open();
    await store.put('there', Buffer.from('x'), TEXT);
    const absent = { ...TEXT, condition: { absent: true } } as const;
    const refused: readonly (readonly [string, PutOptions, string])[] = [
      ['../a', TEXT, 'invalid-key'],
      ['a', { ...TEXT, tags: { long: 'x'.repeat(300) } }, 'unsupported'],
      ['there', absent, 'condition-failed'],
    ];
    for (const [key, options, kind] of refused) {
      for (const mebibytes of [0, 6]) {
        let held = 0;
        const body = async function* (): AsyncGenerator<Uint8Array> {
          held += 1;
          try {
            yield Buffer.from('begun');
            for (let at = 0; at < mebibytes; at++) yield Buffer.alloc(1024 * 1024);
          } finally {
            held -= 1;
          }
        };
        const begun = body();
        const stream = Readable.from([Buffer.from('x')]);
        await expect(store.put(key, begun, options)).rejects.toMatchObject({ kind });
        await expect(store.put(key, stream, options)).rejects.toMatchObject({ kind });
        expect([held, (await begun.next()).done, stream.destroyed]).toEqual([0, true, true]);
      }
    }
    expect((await bucket.client.listMultipartUploads({ Bucket: bucket.name })).Uploads ?? []).toEqual([]);
  });
});
