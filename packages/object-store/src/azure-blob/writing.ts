import type { BlockBlobUploadOptions } from '@azure/storage-blob';
import type { Ids } from '@voicemail/runtime';
import { leave } from '../leave.ts';
import type { Body, PutOptions, WrittenObject } from '../port.ts';
import { StoreError } from '../store-error.ts';
import type { Account } from './account.ts';
import { blobName } from './blob-names.ts';
import { blocksOf } from './blocks.ts';
import { tagsOption } from './index-tags.ts';
import { openMd5, transactionalMd5 } from './md5.ts';
import { piecesOf } from './pieces.ts';
import { writtenObject, type Properties, type Scope } from './properties.ts';
import { head } from './reading.ts';

/**
 * Writes an object with its index tags in one step. Put Blob where the body is one piece, one request; otherwise a Put Block for each
 * piece and a Put Block List. A put-if-absent that is refused takes a Get Blob Properties more.
 */
export async function write(
  account: Account,
  ids: Pick<Ids, 'token'>,
  scope: Scope,
  key: string,
  body: Body,
  put: PutOptions,
): Promise<WrittenObject> {
  const { name, options } = await prepared(scope, key, body, put);
  const { contentType, tags = {} } = put;
  const blobHTTPHeaders = { blobContentType: contentType };
  const blocks = blocksOf(account, ids, scope, key, name);
  const sum = openMd5();
  let size = 0;
  for await (const { bytes, isLast } of piecesOf(body)) {
    size += bytes.length;
    if (isLast && blocks.isEmpty()) {
      const whole = { ...options, ...transactionalMd5(bytes), blobHTTPHeaders };
      const written = await upload(account, key, name, bytes, whole);
      if (written !== null) return writtenObject('put', key, written, { size, contentType, tags });
    }
    sum?.update(bytes);
    // The service takes no empty block; a list of none is an empty blob.
    if (bytes.length > 0) await blocks.stage(bytes);
  }
  // Of one piece the service knows the sum by itself; of blocks it keeps what it is told, for readers to check.
  const told = sum === null ? {} : { blobContentMD5: sum.digest() };
  const written = await blocks.commit({ ...options, blobHTTPHeaders: { ...blobHTTPHeaders, ...told } });
  return writtenObject('put', key, written, { size, contentType, tags });
}

async function prepared(scope: Scope, key: string, body: Body, { tags = {}, condition }: PutOptions) {
  try {
    const name = blobName('put', key);
    const conditions = conditionsOf(condition);
    return { name, options: { ...scope, conditions, ...tagsOption('put', key, tags) } };
  } catch (error) {
    await leave(body);
    throw error;
  }
}

const conditionsOf = (
  condition: PutOptions['condition'],
): { readonly ifMatch?: string; readonly ifNoneMatch?: string } =>
  condition === undefined ? {} : 'etag' in condition ? { ifMatch: condition.etag } : { ifNoneMatch: '*' };

/** Put Blob. Null where it was refused although there is no object: then it is to be written by its blocks. */
async function upload(
  account: Account,
  key: string,
  name: string,
  bytes: Buffer,
  options: BlockBlobUploadOptions,
): Promise<Properties | null> {
  try {
    return await account.call('put', key, ({ container }, abortSignal) =>
      container.getBlockBlobClient(name).upload(bytes, bytes.length, { ...options, abortSignal }),
    );
  } catch (error) {
    const isTaken = error instanceof StoreError && error.kind === 'condition-failed';
    if (!isTaken || options.conditions?.ifNoneMatch === undefined) throw error;
    // Blocks that a broken-off put left may count as a blob for Put Blob (they do in Azurite); for Put Block List they do not.
    if ((await head(account, 'put', key)) !== null) throw error;
    return null;
  }
}
