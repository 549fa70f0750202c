import { systemClock } from '@voicemail/runtime';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { bucketOn } from './server-bucket.ts';

const HOUR_MS = 3_600_000;

whenAvailable(await s3Server(), 'a sweep of a bucket on S3', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  it('takes uploads of yesterday below the prefix, and no other', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const left = async (): Promise<readonly (string | undefined)[]> =>
      ((await bucket.client.listMultipartUploads({ Bucket: bucket.name })).Uploads ?? []).map(({ Key }) => Key);
    for (const Key of ['t100/a b+c', 't100/b', 't200/a']) {
      const { UploadId } = await bucket.client.createMultipartUpload({ Bucket: bucket.name, Key });
      await bucket.client.uploadPart({ Bucket: bucket.name, Key, UploadId, PartNumber: 1, Body: 'x' });
    }
    const { signal } = new AbortController();
    const today = await bucket.open({ prefix: 't100/', clock: systemClock(23 * HOUR_MS) });
    expect(await today.sweep(signal)).toEqual({ abandonedUploads: 0 });
    const tomorrow = await bucket.open({ prefix: 't100/', clock: systemClock(25 * HOUR_MS) });
    await expect(tomorrow.sweep(AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(await left()).toEqual(['t100/a b+c', 't100/b', 't200/a']);
    expect(await tomorrow.sweep(signal)).toEqual({ abandonedUploads: 2 });
    expect(await left()).toEqual(['t200/a']);
  });

  it('goes on where one of them is gone already, as the lifecycle rule takes them too', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    for (const Key of ['a', 'b']) await bucket.client.createMultipartUpload({ Bucket: bucket.name, Key });
    const proxy = await faultProxy(server.endpoint);
    const gone = proxy.inject({ method: 'DELETE' }, faults.s3.error(404, 'NoSuchUpload', 'no such upload'));
    const tomorrow = await bucket.open({ endpoint: proxy.url, clock: systemClock(25 * HOUR_MS) });
    expect(await tomorrow.sweep(new AbortController().signal)).toEqual({ abandonedUploads: 1 });
    expect(gone.hits).toBe(1);
  });
});
