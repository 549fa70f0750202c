import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterTest, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };

whenAvailable(await s3Server(), 'a bucket on S3 that is not there', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  it('is a store that is down, and not an empty one', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const store = await bucket.open();
    await store.put('a', Buffer.from('x'), TEXT);
    await rename(join(server.dataFolder, bucket.name), join(server.dataFolder, `${bucket.name}-elsewhere`));
    const down = { kind: 'unavailable', message: expect.stringContaining('there is no such bucket') as string };
    const calls = [
      () => store.head('a'),
      () => store.get('a'),
      () => store.get('a', { range: { start: 0, end: 0 } }),
      () => store.put('a', Buffer.from('x'), TEXT),
      () => store.delete('a'),
      () => store.copy('a', 'b'),
      () => store.tag('a', {}, { order: 'touch-first' }),
      () => Array.fromAsync(store.list('')),
      () => Array.fromAsync(store.folders('')),
      () => store.purge('a'),
      () => store.check(),
      () => store.sweep(new AbortController().signal),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(down);
    await rename(join(server.dataFolder, `${bucket.name}-elsewhere`), join(server.dataFolder, bucket.name));
    expect((await store.head('a'))?.size).toBe(1);
  });

  it('that nobody can reach is one too', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const store = await bucket.open();
    await server.kill();
    const down = { kind: 'unavailable', message: expect.stringContaining('cannot be reached') as string };
    await expect(store.head('a')).rejects.toMatchObject(down);
    await expect(store.check()).rejects.toMatchObject(down);
    await expect(store.settings()).rejects.toMatchObject(down);
    await server.restart();
    expect(await store.head('a')).toBeNull();
  });
});
