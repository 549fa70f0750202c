import { createHash } from 'node:crypto';
import type { Ids } from '@voicemail/runtime';
import type { Body, PutOptions } from '../port.ts';
import type { Bucket } from './bucket.ts';
import { kindOf } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { headersOf } from './object-info.ts';
import { partsOf, type Part } from './parts.ts';
import { rooms } from './rooms.ts';
import { bytesPart, upload, type Draft, type SendPart } from './upload.ts';

/** The least that S3 takes for a part that is not the last. Each upload that is under way has at most one part in memory. */
const PART_BYTES = 5 * 1024 * 1024;
/** So many sizes of parts an upload chooses from, that the same bytes hardly ever get the same etag again. */
const PART_SIZES = 64 * 1024;

/** For every store of the process together. */
const partRooms = rooms({ bytes: PART_BYTES + PART_SIZES, maxUsual: 3, waitMs: 2_000 });

/** What was written. */
export interface Written {
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

/** One request for a body of up to 5 MiB; for a longer one four, and one for each 5 MiB more. @throws BodyBroke. */
export async function putObject(
  bucket: Bucket,
  key: string,
  body: Body,
  options: PutOptions,
  ids: Pick<Ids, 'random'>,
): Promise<Written> {
  const draft: Draft = { key, headers: headersOf(options), condition: conditionOf(options.condition) };
  try {
    const written = await put(bucket, draft, body, PART_BYTES + Math.floor(ids.random() * PART_SIZES));
    if (written.etag !== draft.condition.IfMatch) return written;
  } catch (error) {
    if (draft.condition.IfMatch === undefined || kindOf(error) !== 'not-found') throw error;
    throw new StoreFault('condition-failed', 'there is no such object', { cause: error });
  }
  // One upload of many meets the same size of parts with the same bytes. Made again, it has another.
  throw new StoreFault('busy', 'it got the etag of the version before, so that others cannot tell them apart');
}

/** The condition as S3 has it. */
export function conditionOf(condition: PutOptions['condition']): Draft['condition'] {
  if (condition === undefined) return {};
  return 'absent' in condition ? { IfNoneMatch: '*' } : { IfMatch: condition.etag };
}

async function put(bucket: Bucket, draft: Draft, body: Body, partBytes: number): Promise<Written> {
  if (body instanceof Uint8Array) return { etag: await putWhole(bucket, draft, body), size: body.length };
  const parts = partsOf(body, partBytes, { rooms: partRooms, clock: bucket.clock });
  try {
    const { value: first } = await parts.next();
    if (first === undefined) throw new StoreFault('unknown', 'a body has at least one part');
    if (first.isLast) return { etag: await putWhole(bucket, draft, first.bytes), size: first.bytes.length };
    return await putParts(bucket, draft, first, parts);
  } finally {
    // Wherever this ended: the body must not stay open.
    await parts.return(undefined);
  }
}

async function putParts(bucket: Bucket, draft: Draft, first: Part, rest: AsyncIterable<Part>): Promise<Written> {
  let size = first.bytes.length;
  const sending = async function* (): AsyncGenerator<SendPart> {
    yield bytesPart(bucket, first.bytes);
    for await (const { bytes } of rest) {
      size += bytes.length;
      yield bytesPart(bucket, bytes);
    }
  };
  const etag = await upload(bucket, draft, sending());
  return { etag, size };
}

/**
 * The etag of a plain put is the MD5 of its bytes (but for a bucket that encrypts with KMS), that of an upload in one part is not.
 * So of the same bytes, put again, whoever holds the etag of those before can tell: one way or the other it is a new one.
 */
export async function putWhole(bucket: Bucket, draft: Draft, bytes: Uint8Array): Promise<string> {
  const { IfMatch: named } = draft.condition;
  const inOnePart = (): Promise<string> => upload(bucket, draft, once(bytesPart(bucket, bytes)));
  if (named !== undefined && named === md5Of(bytes)) return inOnePart();
  const { key, headers, condition } = draft;
  const input = { ...bucket.at(key), ...headers, ...bucket.encryption, ...condition, Body: bytes };
  const { ETag: etag } = await bucket.turns.write(key, () => bucket.ask((s3, options) => s3.putObject(input, options)));
  if (etag === undefined) throw new StoreFault('unknown', 'the answer lacks the ETag of the object');
  // A store whose etags are another digest, or a machine that has no MD5.
  return etag === named ? inOnePart() : etag;
}

/** As an etag; null on a machine that is held to FIPS 140, which has none. */
function md5Of(bytes: Uint8Array): string | null {
  try {
    return `"${createHash('md5').update(bytes).digest('hex')}"`;
  } catch {
    return null;
  }
}

export async function* once<T>(item: T): AsyncGenerator<T> {
  yield item;
}
