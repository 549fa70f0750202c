import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { isRange, notWithin } from '../byte-range.ts';
import type { ByteRange, ObjectInfo, ObjectReader } from '../port.ts';
import { StoreError } from '../store-error.ts';
import type { Bucket } from './bucket.ts';
import { isRefusal, kindOf, refusalOf, storeError } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { infoOf } from './object-info.ts';

/** One request. null where there is none. @throws StoreFault `invalid-range`. */
export async function getObject(bucket: Bucket, key: string, range?: ByteRange): Promise<ObjectReader | null> {
  if (range !== undefined && !isRange(range)) {
    // S3 takes what is no range for none, and gives the whole object.
    if ((await headObject(bucket, key)) === null) return null;
    throw notWithin(range);
  }
  const answer = await asked(bucket, key, range);
  if (answer === null) return null;
  const { Body: body, ContentLength: length } = answer;
  if (!(body instanceof Readable) || length === undefined) throw new StoreFault('unknown', 'the answer has no body');
  // An error that comes before somebody reads would end the process. Whoever reads is told it.
  body.on('error', () => undefined);
  try {
    const size = range === undefined ? length : sizeIn(answer, range);
    return { info: infoOf(key, answer, size), body: exactly(key, body, length) };
  } catch (error) {
    body.destroy();
    throw error;
  }
}

async function asked(bucket: Bucket, key: string, range?: ByteRange): Promise<GetObjectCommandOutput | null> {
  const Range = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
  try {
    return await bucket.ask((s3, options) => s3.getObject({ ...bucket.at(key), ...Range }, options));
  } catch (error) {
    if (isRefusal(error, 'NoSuchKey')) return null;
    throw error;
  }
}

/** What an answer to HEAD may be that a GET says more about. */
const WITHOUT_A_WORD: ReadonlySet<number> = new Set([301, 400, 401, 403, 404]);

/** One request where there is such an object, two where there is none. */
export async function headObject(bucket: Bucket, key: string): Promise<ObjectInfo | null> {
  try {
    const answer = await bucket.ask((s3, options) => s3.headObject(bucket.at(key), options));
    return infoOf(key, answer, answer.ContentLength);
  } catch (error) {
    if (!WITHOUT_A_WORD.has(refusalOf(error)?.status ?? 0)) throw error;
  }
  // Without a word an object that is not there looks like a bucket, or a user, that is not: only a GET is told.
  const reader = await getObject(bucket, key);
  await reader?.body[Symbol.asyncIterator]().return?.();
  return reader?.info ?? null;
}

/** The size of the whole object, from an answer to a range. S3 cuts off what is beyond the end, and says so only here. */
function sizeIn({ ContentRange: contentRange = '' }: GetObjectCommandOutput, range: ByteRange): number {
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange) ?? [];
  if (size === undefined) throw new StoreFault('unknown', 'the answer does not say of which range it is');
  if (Number(start) !== range.start || Number(end) !== range.end) throw notWithin(range);
  return Number(size);
}

/** The bytes, and an error where they are fewer than were announced. Ends the connection when it is left early. */
function exactly(key: string, body: Readable, length: number): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
      let left = length;
      return {
        next: async () => {
          try {
            const step = await chunks.next();
            if (step.done !== true) left -= step.value.length;
            else if (left !== 0) throw new StoreFault('unavailable', `it broke off ${left} bytes before its end`);
            return step;
          } catch (error) {
            throw brokenOff(key, error);
          }
        },
        return: async () => {
          body.destroy();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** What the SDK says of a body that ended early, or has not the checksum that the store keeps of it, has no code. */
function brokenOff(key: string, error: unknown): StoreError {
  if (error instanceof Error && error.message.startsWith('Checksum mismatch')) {
    return new StoreError('corrupt', 'get', key, 'its bytes have not the checksum that the store keeps of them', {
      cause: error,
    });
  }
  if (kindOf(error) !== 'unknown') return storeError('get', key, error);
  return new StoreError('unavailable', 'get', key, 'it broke off', { cause: error });
}
