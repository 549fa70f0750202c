import type { BlobDownloadResponseParsed } from '@azure/storage-blob';
import { isRange, notWithin } from '../byte-range.ts';
import type { StoreOperation } from '../layers/around.ts';
import type { ByteRange, ObjectInfo, ObjectReader } from '../port.ts';
import type { Account } from './account.ts';
import { blobName } from './blob-names.ts';
import { bodyOf, type AnswerStream } from './body.ts';
import { orNull } from './or-null.ts';
import { objectInfo } from './properties.ts';

/** One request: Get Blob Properties. */
export async function head(account: Account, operation: StoreOperation, key: string): Promise<ObjectInfo | null> {
  const name = blobName(operation, key);
  return orNull(
    account.call(operation, key, async ({ container }, abortSignal) => {
      const answer = await container.getBlobClient(name).getProperties({ abortSignal });
      return objectInfo(operation, key, answer, answer.contentLength ?? 0);
    }),
  );
}

/** One request: Get Blob. Its body is of the version that the answer describes, whatever happens to the object meanwhile. */
export async function read(account: Account, key: string, range: ByteRange | undefined): Promise<ObjectReader | null> {
  const name = blobName('get', key);
  const answered = await orNull(
    account.call('get', key, async ({ container }, abortSignal) => {
      if (range !== undefined && !isRange(range)) throw notWithin(range);
      // Whoever reads decides whether to begin again: a body that broke off is not mended behind his back.
      const options = { abortSignal, maxRetryRequests: 0 };
      const count = range === undefined ? undefined : range.end - range.start + 1;
      const answer = await container.getBlobClient(name).download(range?.start ?? 0, count, options);
      try {
        const { size, isWhole } = extentOf(answer, range);
        return { answer, isWhole, info: objectInfo('get', key, answer, size) };
      } catch (error) {
        streamOf(answer).destroy();
        throw error;
      }
    }),
  );
  if (answered === null) return null;
  const { answer, isWhole, info } = answered;
  const md5 = isWhole ? (answer.contentMD5 ?? null) : null;
  return { info, body: bodyOf(account, key, streamOf(answer), answer.contentLength ?? 0, md5) };
}

/** The size of the whole object. @throws StoreFault where the service gave less than was asked for, as it does at the end. */
function extentOf(
  { contentRange, contentLength = 0 }: BlobDownloadResponseParsed,
  range: ByteRange | undefined,
): { readonly size: number; readonly isWhole: boolean } {
  if (range === undefined) return { size: contentLength, isWhole: true };
  const size = contentRange === undefined ? contentLength : Number(contentRange.split('/')[1]);
  if (contentLength !== range.end - range.start + 1) throw notWithin(range);
  return { size, isWhole: false };
}

function streamOf({ readableStreamBody }: BlobDownloadResponseParsed): AnswerStream {
  if (readableStreamBody === undefined || !isDestroyable(readableStreamBody))
    throw new Error('an answer without a body');
  return readableStreamBody;
}

/** What the client gives is a stream of Node's, although it promises less. */
const isDestroyable = (stream: NodeJS.ReadableStream): stream is AnswerStream => 'destroy' in stream;
