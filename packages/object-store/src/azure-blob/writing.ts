import { createHash } from 'node:crypto';
import type { Ids } from '@voicemail/runtime';
import type { Body, ObjectInfo, PutOptions } from '../port.ts';
import type { Account } from './account.ts';
import { blobName } from './blob-names.ts';
import { indexTags, tagsMetadata } from './index-tags.ts';
import { piecesOf } from './pieces.ts';
import { infoOf, type Properties } from './reading.ts';

/** Of `encryptionScope`, as the client wants it: absent rather than null. */
export interface Scope {
  readonly encryptionScope?: string;
}

const BLOCK_NUMBER_DIGITS = 8;

/**
 * Writes an object with its index tags in one step. Put Blob where the body is one piece, one request; otherwise a Put Block for each
 * piece and a Put Block List, which makes the object. Blocks that are not committed are no object; the service drops them after a
 * week, or when another writer of the same object commits.
 */
export async function write(
  account: Account,
  ids: Pick<Ids, 'token'>,
  scope: Scope,
  key: string,
  body: Body,
  { contentType, tags = {}, condition }: PutOptions,
): Promise<ObjectInfo> {
  const name = blobName('put', key);
  const options = {
    ...scope,
    tags: indexTags('put', key, tags),
    metadata: tagsMetadata(tags),
    conditions: condition === undefined ? {} : 'etag' in condition ? { ifMatch: condition.etag } : { ifNoneMatch: '*' },
  };
  // The token keeps writers of one object, who share its uncommitted blocks, from using each other's.
  const token = ids.token();
  const blocks: string[] = [];
  const sum = createHash('md5');
  let size = 0;

  const stage = async (bytes: Buffer): Promise<void> => {
    const number = String(blocks.length).padStart(BLOCK_NUMBER_DIGITS, '0');
    const id = Buffer.from(`${token}${number}`).toString('base64');
    const transactionalContentMD5 = createHash('md5').update(bytes).digest();
    await account.call('put', key, ({ container }, abortSignal) =>
      container
        .getBlockBlobClient(name)
        .stageBlock(id, bytes, bytes.length, { ...scope, abortSignal, transactionalContentMD5 }),
    );
    blocks.push(id);
  };
  const upload = (bytes: Buffer, transactionalContentMD5: Uint8Array): Promise<Properties> =>
    account.call('put', key, ({ container }, abortSignal) =>
      container.getBlockBlobClient(name).upload(bytes, bytes.length, {
        ...options,
        abortSignal,
        transactionalContentMD5,
        blobHTTPHeaders: { blobContentType: contentType },
      }),
    );
  const commit = (blobContentMD5: Uint8Array): Promise<Properties> =>
    account.call('put', key, ({ container }, abortSignal) =>
      container.getBlockBlobClient(name).commitBlockList(blocks, {
        ...options,
        abortSignal,
        // Of one piece the service knows the sum by itself; of blocks it keeps what it is told, for readers to check.
        blobHTTPHeaders: { blobContentType: contentType, blobContentMD5 },
      }),
    );

  for await (const { bytes, isLast } of piecesOf(body)) {
    size += bytes.length;
    sum.update(bytes);
    if (isLast && blocks.length === 0) {
      return infoOf('put', key, await upload(bytes, sum.digest()), { size, contentType, tags });
    }
    if (bytes.length > 0) await stage(bytes);
  }
  return infoOf('put', key, await commit(sum.digest()), { size, contentType, tags });
}
