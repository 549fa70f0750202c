import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { bucketOn } from './server-bucket.ts';

const xml = (body: string) =>
  faults.answer(
    200,
    { 'content-type': 'application/xml' },
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</ListBucketResult>`,
  );
const contents = (key: string): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.789Z</LastModified><Size>1</Size></Contents>`;

whenAvailable(await s3Server(), 'a listing of a bucket on S3', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  const open = async (prefix = '') => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    return { bucket, proxy, store: await bucket.open({ endpoint: proxy.url, prefix }) };
  };

  it('goes on over pages, and costs a request for each', async () => {
    const { store, proxy, bucket } = await open('t100/');
    const keys = Array.from({ length: 2050 }, (_, index) => `f${index % 1025}/${index}`).toSorted();
    // To this server an object is a file, and that is quicker.
    for (const key of keys) {
      const path = join(server.dataFolder, bucket.name, 't100', key);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'x');
    }
    expect((await Array.fromAsync(store.list(''))).map(({ key }) => key)).toEqual(keys);
    expect(proxy.requests.count()).toBe(3);
    expect((await Array.fromAsync(store.folders(''))).length).toBe(1025);
    expect(proxy.requests.count()).toBe(5);
  });

  it('asks for names that XML can carry, and reads them as they come', async () => {
    const { store, proxy } = await open('t 100/');
    proxy.inject(
      { path: 'encoding-type=url' },
      xml(`<EncodingType>url</EncodingType>${contents('t+100/a%2Bb+c/%C3%BC%EF%BF%BE%25')}`),
    );
    const [first] = await Array.fromAsync(store.list(''));
    expect(first).toEqual({ key: 'a+b c/ü\ufffe%', size: 1, lastModified: Date.UTC(2026, 0, 1) });
    proxy.inject(
      { path: 'delimiter' },
      xml('<EncodingType>url</EncodingType><CommonPrefixes><Prefix>t+100/a%2Bb+c/</Prefix></CommonPrefixes>'),
    );
    expect(await Array.fromAsync(store.folders(''))).toEqual(['a+b c']);
  });

  it('leaves out what consoles make for a folder, and a folder that was named', async () => {
    const { store, proxy } = await open();
    proxy.inject({ path: 'list-type' }, xml(`${contents('a/')}${contents('a/b')}`));
    expect((await Array.fromAsync(store.list(''))).map(({ key }) => key)).toEqual(['a/b']);
    proxy.inject(
      { path: /start-after=a%2F/ },
      xml(['a/', 'b/', '/'].map((name) => `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`).join('')),
    );
    expect(await Array.fromAsync(store.folders('', { after: 'a' }))).toEqual(['b']);
  });
});
