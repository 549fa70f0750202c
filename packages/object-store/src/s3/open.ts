import type { S3Store, S3StoreOptions } from './options.ts';

/**
 * A store in a bucket of Amazon S3, or of a server that speaks its protocol and keeps its conditional writes.
 *
 * It resolves also when the bucket cannot be reached, or the credentials cannot be read: every call then rejects until they can.
 * @throws TypeError when the prefix is neither empty nor ends in `/`.
 */
export async function openS3Store(options: S3StoreOptions): Promise<S3Store> {
  // The SDK takes longer to load than all the rest of a server that has no use for it.
  const { s3Store } = await import('./s3-store.ts');
  return s3Store(options);
}
