import type { CompletedPart } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';
import { StoreFault } from '../store-fault.ts';
import type { headersOf } from './object-info.ts';

/** What an object is to be, beside its bytes. */
export interface Draft {
  readonly key: string;
  readonly headers: ReturnType<typeof headersOf>;
  readonly condition: { readonly IfNoneMatch?: '*'; readonly IfMatch?: string };
}

/** Where a part goes. */
export interface PartPlace {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
  readonly PartNumber: number;
}

/** Sends one part, or has the store copy it. */
export type SendPart = (place: PartPlace) => Promise<Omit<CompletedPart, 'PartNumber'>>;

/** Checked by the store for each part, and kept for the whole object, so that a reader can check it too. */
const CHECKSUM = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;

/**
 * Writes an object from parts: three requests, and one for each part beyond the first. The object is there, with its tags, when
 * the last one is done and the condition holds then; before, and if it fails, nothing is. Of as many parts the etag is one
 * that no other number of parts, and no plain put, gives.
 * @returns the etag.
 */
export async function upload(bucket: Bucket, draft: Draft, parts: AsyncIterable<SendPart>): Promise<string> {
  const where = bucket.at(draft.key);
  const begun = await bucket.ask((s3, options) =>
    s3.createMultipartUpload({ ...where, ...draft.headers, ...bucket.encryption, ...CHECKSUM }, options),
  );
  const { UploadId } = begun;
  if (UploadId === undefined) throw new StoreFault('unknown', 'the answer does not name the upload');
  try {
    const Parts: CompletedPart[] = [];
    for await (const send of parts) {
      const PartNumber = Parts.length + 1;
      Parts.push({ ...(await send({ ...where, UploadId, PartNumber })), PartNumber });
    }
    const end = { ...where, UploadId, MultipartUpload: { Parts }, ChecksumType: CHECKSUM.ChecksumType };
    const { ETag: etag } = await bucket.turns.write(draft.key, () =>
      bucket.ask((s3, options) => s3.completeMultipartUpload({ ...end, ...draft.condition }, options)),
    );
    if (etag === undefined) throw new StoreFault('unknown', 'the answer lacks the ETag of the object');
    return etag;
  } catch (error) {
    await abandon(bucket, { ...where, UploadId });
    throw error;
  }
}

/** Sends bytes that stay as they are until the answer is there. */
export const bytesPart =
  (bucket: Bucket, bytes: Uint8Array): SendPart =>
  async (place) => {
    const { ETag, ChecksumCRC32 } = await bucket.ask((s3, options) =>
      s3.uploadPart({ ...place, Body: bytes, ChecksumAlgorithm: CHECKSUM.ChecksumAlgorithm }, options),
    );
    return { ETag, ChecksumCRC32 };
  };

/** Removes an upload that is not going to be finished. Where the answer to its end was lost it may be an object: then this does nothing. */
async function abandon(
  bucket: Bucket,
  begun: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
): Promise<void> {
  try {
    await bucket.ask((s3, options) => s3.abortMultipartUpload(begun, options));
  } catch {
    // The error that led here says more than this one, and a sweep removes the upload.
  }
}
