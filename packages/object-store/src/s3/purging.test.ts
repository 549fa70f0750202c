import { afterTest, faultProxy, faults, s3Server, searchBytes, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
const UNTIL = '2030-01-02T03:04:05.000Z';
const xml = (body: string) =>
  faults.answer(200, { 'content-type': 'application/xml' }, `<?xml version="1.0" encoding="UTF-8"?>\n${body}`);

whenAvailable(await s3Server(), 'a purge of a bucket on S3 with versions', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start({ versioning: true });
  });

  const open = async () => {
    const bucket = await bucketOn(server, { versioning: true });
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    const store = await bucket.open({ endpoint: proxy.url });
    const versions = async () => {
      const { Versions = [], DeleteMarkers = [] } = await bucket.client.listObjectVersions({ Bucket: bucket.name });
      return [Versions.length, DeleteMarkers.length];
    };
    return { bucket, proxy, store, versions };
  };
  const suspend = (bucket: { name: string; client: { putBucketVersioning(input: object): Promise<unknown> } }) =>
    bucket.client.putBucketVersioning({ Bucket: bucket.name, VersioningConfiguration: { Status: 'Suspended' } });
  /** Everything that the server keeps. */
  const onDisk = async (text: string): Promise<number> =>
    (await searchBytes([text], [server.dataFolder, server.versioningFolder ?? ''])).length;

  it('of what was deleted leaves not a byte of it, and no marker', async () => {
    const { store, versions } = await open();
    for (const text of ['spoken once', 'spoken twice']) await store.put('a/b', Buffer.from(text), TEXT);
    await store.put('a/b-longer', Buffer.from('of somebody else'), TEXT);
    await store.delete('a/b');
    expect(await versions()).toEqual([3, 1]);
    expect(await onDisk('spoken')).toBeGreaterThanOrEqual(2);
    expect(await store.purge('a/b')).toEqual({ erased: 3, left: [] });
    expect([await versions(), await onDisk('spoken'), await onDisk('somebody else')]).toEqual([[1, 0], 0, 1]);
    expect(await store.purge('a/b')).toEqual({ erased: 0, left: [] });
    expect(await store.head('a/b')).toBeNull();
  });

  it('of what was replaced leaves what is there now', async () => {
    const { store, versions } = await open();
    for (const text of ['first', 'second']) await store.put('a', Buffer.from(text), TEXT);
    await store.delete('a');
    const put = await store.put('a', Buffer.from('third'), TEXT);
    expect(await store.purge('a')).toEqual({ erased: 3, left: [] });
    expect(await versions()).toEqual([1, 0]);
    expect(await store.head('a')).toMatchObject(put);
  });

  it('leaves what is written while it works', async () => {
    const { bucket, proxy, store } = await open();
    await store.put('a', Buffer.from('first'), TEXT);
    await store.delete('a');
    const other = await bucket.open();
    const injected = proxy.inject({ method: 'POST', path: 'delete' }, async (exchange) => {
      await other.put('a', Buffer.from('meanwhile'), TEXT);
      await faults.none()(exchange);
    });
    expect(await store.purge('a')).toEqual({ erased: 2, left: [] });
    expect(injected.hits).toBe(1);
    expect((await store.head('a'))?.size).toBe('meanwhile'.length);
  });

  it('goes on over pages, and takes no neighbour', async () => {
    const { proxy, store } = await open();
    const version = (key: string, id: string, isLatest = false): string =>
      `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${isLatest}</IsLatest></Version>`;
    const page = (body: string, next: string) =>
      xml(
        `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>${next}${body}</ListVersionsResult>`,
      );
    const next = '<NextKeyMarker>a+b</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker>';
    proxy.inject({ path: /[?&]versions/ }, page(version('a+b', 'v1', true) + version('a+b', 'v2'), next));
    proxy.inject(
      { path: /key-marker=a%20b&.*version-id-marker=v2/ },
      page(version('a+b', 'v3') + version('a+b-c', 'v4'), '<NextKeyMarker>a+b-c</NextKeyMarker>'),
    );
    let deleted = '';
    proxy.inject({ method: 'POST', path: 'delete' }, async (exchange) => {
      exchange.request.on('data', (chunk: Buffer) => (deleted += chunk.toString()));
      await xml('<DeleteResult/>')(exchange);
    });
    expect(await store.purge('a b')).toEqual({ erased: 2, left: [] });
    expect(
      [...deleted.matchAll(/<Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId>/g)].map(([, ...found]) => found),
    ).toEqual([
      ['a b', 'v2'],
      ['a b', 'v3'],
    ]);
  });

  it('that may not be made is an error', async () => {
    const { proxy, store } = await open();
    proxy.inject({ path: /[?&]versions/ }, faults.s3.accessDenied());
    await expect(store.purge('a')).rejects.toMatchObject({ kind: 'permission-denied', operation: 'purge', key: 'a' });
  });

  describe('says what stays, and why', () => {
    /** Deleted, and refused by the store when its versions are to go. */
    const refusing = async (code = 'AccessDenied') => {
      const made = await open();
      for (const text of ['first', 'second']) await made.store.put('a', Buffer.from(text), TEXT);
      await made.store.delete('a');
      made.proxy.inject({ method: 'POST', path: 'delete', times: 9 }, async (exchange) => {
        const body = Buffer.concat(await Array.fromAsync(exchange.request as AsyncIterable<Buffer>)).toString();
        const errors = [...body.matchAll(/<Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId>/g)].map(
          ([, key, id]) => `<Error><Key>${key}</Key><VersionId>${id}</VersionId><Code>${code}</Code></Error>`,
        );
        await xml(`<DeleteResult>${errors.join('')}</DeleteResult>`)(exchange);
      });
      return made;
    };
    const HIDES = { what: 'delete-marker', count: 1, why: 'it hides versions that could not be erased' };

    it.each(['COMPLIANCE', 'GOVERNANCE'])('under object lock, until it ends (%s)', async (mode) => {
      const { proxy, store, versions } = await refusing();
      const retention = `<Retention><Mode>${mode}</Mode><RetainUntilDate>${UNTIL}</RetainUntilDate></Retention>`;
      proxy.inject({ path: '?retention', times: 9 }, xml(retention));
      const until = Date.parse(UNTIL);
      const why = `object lock keeps it (${mode.toLowerCase()} mode)`;
      expect(await store.purge('a')).toEqual({
        erased: 0,
        left: [
          { what: 'version', count: 2, why, until },
          { ...HIDES, until },
        ],
      });
      // Without the marker the version before it would be the object again.
      expect(await versions()).toEqual([2, 1]);
      expect(await store.head('a')).toBeNull();
    });

    it('under a legal hold', async () => {
      const { proxy, store } = await refusing();
      proxy.inject({ path: '?legal-hold', times: 9 }, xml('<LegalHold><Status>ON</Status></LegalHold>'));
      const [version] = (await store.purge('a')).left;
      expect(version).toEqual({ what: 'version', count: 2, why: 'a legal hold is on it', until: null });
    });

    it('for want of a right', async () => {
      const { store } = await refusing();
      const [version] = (await store.purge('a')).left;
      const why = 'the right to delete versions is missing (s3:DeleteObjectVersion)';
      expect(version).toEqual({ what: 'version', count: 2, why, until: null });
    });

    it('and fails where trying again may help', async () => {
      const { store } = await refusing('SlowDown');
      await expect(store.purge('a')).rejects.toMatchObject({ kind: 'busy', retryable: true });
    });

    it('where versioning is suspended, so that no writer is hurt', async () => {
      const { bucket, store, versions } = await open();
      await store.put('a', Buffer.from('first'), TEXT);
      await suspend(bucket);
      await store.put('a', Buffer.from('second'), TEXT);
      await store.delete('a');
      expect(await store.purge('a')).toMatchObject({
        erased: 1,
        left: [{ what: 'delete-marker', count: 1, why: expect.stringContaining('suspended') as string }],
      });
      expect(await versions()).toEqual([0, 1]);
    });

    it('where the bucket is replicated, and asks that once', async () => {
      const { proxy, store } = await open();
      proxy.inject(
        { path: '?replication' },
        xml(
          '<ReplicationConfiguration><Rule><Status>Enabled</Status><Prefix></Prefix>' +
            '<Destination><Bucket>arn:aws:s3:::elsewhere</Bucket></Destination></Rule></ReplicationConfiguration>',
        ),
      );
      for (const key of ['a', 'b']) {
        for (const text of ['first', 'second', 'third']) await store.put(key, Buffer.from(text), TEXT);
        const why = 'it was replicated to bucket elsewhere, where it has to be erased too';
        expect(await store.purge(key)).toEqual({ erased: 2, left: [{ what: 'replica', count: 2, why, until: null }] });
      }
    });
  });
});
