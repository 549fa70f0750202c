import type { ObjectInfo, Tags } from '../port.ts';
import { StoreFault } from '../store-fault.ts';
import { lineOf, taggingOf, tagsOfLine } from './tag-encoding.ts';

/** The metadata that repeats an object's tags, so that whoever reads the object has them without another request. */
const TAGS_METADATA = 'voicemail-tags';

/** What an object is to be, beside its bytes: part of the request that writes it. @throws StoreFault `unsupported` for tags that S3 cannot hold. */
export function headersOf({ contentType, tags = {} }: { readonly contentType: string; readonly tags?: Tags }): {
  readonly ContentType: string;
  readonly Tagging?: string;
  readonly Metadata?: Record<string, string>;
} {
  if (Object.keys(tags).length === 0) return { ContentType: contentType };
  return { ContentType: contentType, Tagging: taggingOf(tags), Metadata: { [TAGS_METADATA]: lineOf(tags) } };
}

/** The part of an answer to GET or HEAD that tells of the object. */
interface Described {
  readonly ETag?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly Metadata?: Record<string, string> | undefined;
}

/**
 * @param size of the whole object, in bytes.
 * @throws StoreFault `unknown` for an answer that lacks what every answer of S3 has.
 */
export function infoOf(key: string, answer: Described, size: number | undefined): ObjectInfo {
  const { ETag: etag, ContentType: contentType = 'application/octet-stream', LastModified: lastModified } = answer;
  if (etag === undefined || lastModified === undefined || size === undefined) {
    throw new StoreFault('unknown', 'the answer lacks the ETag, the size or the time of the object');
  }
  const tags = tagsOfLine(answer.Metadata?.[TAGS_METADATA] ?? '');
  return { key, etag, size, contentType, tags, lastModified: wholeSeconds(lastModified) };
}

/** Listings of some servers tell fractions of a second that the header of an object cannot. */
export const wholeSeconds = (time: Date): number => Math.floor(time.getTime() / 1000) * 1000;
