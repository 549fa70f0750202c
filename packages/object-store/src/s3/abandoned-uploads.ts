import type { Clock } from '@voicemail/runtime';
import type { Bucket } from './bucket.ts';
import { isRefusal } from './classify.ts';
import { textIn } from './listing.ts';

/** Longer than any upload takes. */
const ABANDONED_MS = 24 * 3_600_000;

/** Removes uploads below the prefix that a crash left. @returns how many. */
export async function sweepUploads(bucket: Bucket, clock: Clock, signal: AbortSignal): Promise<number> {
  let swept = 0;
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    signal.throwIfAborted();
    const page = await bucket.ask((s3, options) =>
      s3.listMultipartUploads({ Bucket: bucket.name, Prefix: bucket.prefix, EncodingType: 'url', ...marker }, options),
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined || Initiated === undefined) continue;
      if (clock.now() - Initiated.getTime() < ABANDONED_MS) continue;
      signal.throwIfAborted();
      if (await abort(bucket, textIn(page, Key), UploadId)) swept += 1;
    }
    const { NextKeyMarker, NextUploadIdMarker } = page;
    if (page.IsTruncated !== true || NextKeyMarker === undefined) return swept;
    marker = {
      KeyMarker: textIn(page, NextKeyMarker),
      ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
    };
  }
}

/** False where it is gone already: the bucket's lifecycle rule takes uploads of the same age away. */
async function abort(bucket: Bucket, Key: string, UploadId: string): Promise<boolean> {
  try {
    await bucket.ask((s3, options) => s3.abortMultipartUpload({ Bucket: bucket.name, Key, UploadId }, options));
    return true;
  } catch (error) {
    if (isRefusal(error, 'NoSuchUpload')) return false;
    throw error;
  }
}
