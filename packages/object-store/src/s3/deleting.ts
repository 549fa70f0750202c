import type { Bucket } from './bucket.ts';
import { isRefusal, kindOf } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { headObject } from './reading.ts';

/** How often a deletion begins anew because a writer came between, before that is said. */
const MAX_ATTEMPTS = 20;

/**
 * One request where the etag is given, two where it is not: S3 does not say whether there was anything to delete, so what is
 * deleted is what was seen to be there.
 * @throws StoreFault or an error of the SDK that is `condition-failed`.
 */
export async function deleteObject(bucket: Bucket, key: string, etag?: string): Promise<boolean> {
  if (etag !== undefined) return removeIf(bucket, key, etag);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const info = await headObject(bucket, key);
    if (info === null) return false;
    try {
      if (await removeIf(bucket, key, info.etag)) return true;
    } catch (error) {
      if (kindOf(error) !== 'condition-failed') throw error;
    }
  }
  throw new StoreFault('busy', 'other writers were faster every time');
}

/** False where S3 says that there is none. */
async function removeIf(bucket: Bucket, key: string, etag: string): Promise<boolean> {
  try {
    await bucket.turns.remove(key, () =>
      bucket.ask((s3, options) => s3.deleteObject({ ...bucket.at(key), IfMatch: etag }, options)),
    );
    return true;
  } catch (error) {
    if (isRefusal(error, 'NoSuchKey')) return false;
    throw error;
  }
}
