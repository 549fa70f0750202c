import type { Bucket } from './bucket.ts';
import { StoreFault } from '../store-fault.ts';

/** No key of a tenant begins with a dot. */
const PROBE_KEY = '.check';

/**
 * Resolves if the bucket is there and takes writes: an upload is begun and given up. Two requests, and no object comes of it, of
 * which a bucket with versions would keep every one.
 */
export async function probe(bucket: Bucket): Promise<void> {
  const where = bucket.at(PROBE_KEY);
  const { UploadId } = await bucket.ask((s3, options) =>
    s3.createMultipartUpload({ ...where, ...bucket.encryption }, options),
  );
  if (UploadId === undefined) throw new StoreFault('unknown', 'the answer does not name the upload');
  await bucket.ask((s3, options) => s3.abortMultipartUpload({ ...where, UploadId }, options));
}
