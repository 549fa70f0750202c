import type { ObjectInfo, Tags } from '../port.ts';
import type { Bucket } from './bucket.ts';
import { isRefusal, kindOf } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { headersOf } from './object-info.ts';
import { headObject } from './reading.ts';
import { upload, type Draft, type SendPart } from './upload.ts';
import { once, putWhole } from './writing.ts';

/** How often a changed source is read again, before that is said. */
const MAX_ATTEMPTS = 20;
/** The most that S3 copies in one part. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** Another writer came between: the source is not any more what was read. */
class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
}

/** What came of a copy, and what it has of its source. */
export interface Copied {
  readonly etag: string;
  readonly size: number;
  readonly contentType: string;
  readonly tags: Tags;
}

/** Four requests, and no byte leaves the store. @throws StoreFault `not-found`, and `condition-failed` where there is a `to`. */
export async function copyObject(bucket: Bucket, from: string, to: string, tags?: Tags): Promise<Copied> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const source = await headObject(bucket, from);
    if (source === null) throw new StoreFault('not-found', 'there is no such object to copy');
    const { size, contentType } = source;
    const copied = { size, contentType, tags: tags ?? source.tags };
    try {
      const draft: Draft = { key: to, headers: headersOf(copied), condition: { IfNoneMatch: '*' } };
      return { ...copied, etag: await rewrite(bucket, source, draft) };
    } catch (error) {
      if (!(error instanceof SourceChanged)) throw error;
    }
  }
  throw overtaken();
}

/** Four requests: S3 changes no time without writing the object anew, which is done in the store. null where there is none. */
export async function tagObject(bucket: Bucket, key: string, tags: Tags): Promise<Copied | null> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const source = await headObject(bucket, key);
    if (source === null) return null;
    const { size, contentType, etag } = source;
    const copied = { size, contentType, tags };
    try {
      const draft: Draft = { key, headers: headersOf(copied), condition: { IfMatch: etag } };
      return { ...copied, etag: await rewrite(bucket, source, draft) };
    } catch (error) {
      const isOvertaken = error instanceof SourceChanged || OVERTAKEN.has(kindOf(error));
      if (!isOvertaken) throw error;
    }
  }
  throw overtaken();
}

const OVERTAKEN: ReadonlySet<string> = new Set(['condition-failed', 'not-found']);
const overtaken = (): StoreFault => new StoreFault('busy', 'other writers were faster every time');

/**
 * Writes an object from another's bytes, under a condition on what is there: an upload of one part, which the store copies.
 * CopyObject would take one request, but beside AWS few stores heed a condition in it, and they do not say so.
 */
async function rewrite(bucket: Bucket, source: ObjectInfo, draft: Draft): Promise<string> {
  // Not every store copies a part of nothing.
  if (source.size === 0) return putWhole(bucket, draft, new Uint8Array());
  if (source.size > MAX_COPY_BYTES) throw new StoreFault('unsupported', 'the store copies 5 GiB at most');
  return upload(bucket, draft, once(copiedPart(bucket, source)));
}

const copiedPart =
  (bucket: Bucket, { key, etag }: ObjectInfo): SendPart =>
  async (place) => {
    const { Bucket, Key } = bucket.at(key);
    const from = { CopySource: [Bucket, ...Key.split('/')].map(encodeURIComponent).join('/'), CopySourceIfMatch: etag };
    try {
      const { CopyPartResult } = await bucket.ask((s3, options) => s3.uploadPartCopy({ ...place, ...from }, options));
      return { ETag: CopyPartResult?.ETag, ChecksumCRC32: CopyPartResult?.ChecksumCRC32 };
    } catch (error) {
      if (!isRefusal(error, 'PreconditionFailed', 'NoSuchKey')) throw error;
      throw new SourceChanged('the source changed', { cause: error });
    }
  };
