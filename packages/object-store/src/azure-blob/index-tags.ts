import { createHash } from 'node:crypto';
import type { Tags } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { StoreFault } from '../store-fault.ts';

/**
 * Index tags hold letters, digits, space and `+ - . / : = _`, names of 1 to 128 and values of at most 256 characters, ten to a blob
 * ("Manage and find Azure Blob data with blob index tags"). A name or value is written as it is as far as it can be; what it may not
 * hold, `=` and the space (XML may lose one at an end) are `=XX`, byte by byte of UTF-8. What gets too long ends in `=-` and a digest,
 * so that two that differ still do.
 */
const SAFE = /[A-Za-z0-9+\-./:_]/;
const MAX_NAME_CHARS = 128;
const MAX_VALUE_CHARS = 256;
const MAX_TAGS = 10;
const DIGEST_MARK = '=-';
const DIGEST_CHARS = 64;

const byteCode = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;

function encode(text: string, maxChars: number): string {
  const units = [...text].map((char) => (SAFE.test(char) ? char : [...Buffer.from(char)].map(byteCode).join('')));
  const encoded = units.join('');
  if (encoded.length <= maxChars) return encoded;
  const digest = createHash('sha256').update(text).digest('hex');
  return encoded.slice(0, maxChars - DIGEST_MARK.length - DIGEST_CHARS) + DIGEST_MARK + digest;
}

const encodeTagName = (name: string): string => (name === '' ? DIGEST_MARK : encode(name, MAX_NAME_CHARS));
const encodeTagValue = (value: string): string => encode(value, MAX_VALUE_CHARS);

/** @throws StoreError `unsupported` for more tags than a blob can have. */
export function indexTags(operation: string, key: string, tags: Tags): Record<string, string> {
  const entries = Object.entries(tags).map(([name, value]) => [encodeTagName(name), encodeTagValue(value)]);
  if (entries.length > MAX_TAGS) {
    throw new StoreError('unsupported', operation, key, `a blob has at most ${MAX_TAGS} tags`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The query that finds exactly the blobs with this tag. Neither part can hold a quote. */
export const tagQuery = ({ name, value }: { readonly name: string; readonly value: string }): string =>
  `"${encodeTagName(name)}"='${encodeTagValue(value)}'`;

/**
 * The tags are kept with the blob as well, as metadata in the same write: there they come with every answer, where index tags would
 * cost a call of their own. Never empty, since a copy without metadata would take its source's.
 */
const METADATA_NAME = 'tags';
/** Stands beside them while the index tags may not be those. */
const UNSETTLED_NAME = 'tags_unsettled';

export const tagsMetadata = (tags: Tags): Record<string, string> => ({
  [METADATA_NAME]: Buffer.from(JSON.stringify(tags)).toString('base64url'),
});

/** As `tagsMetadata`, for as long as the index tags are not there yet. */
export const unsettledMetadata = (tags: Tags): Record<string, string> => ({
  ...tagsMetadata(tags),
  [UNSETTLED_NAME]: 'true',
});

export const isUnsettled = (metadata: Readonly<Record<string, string>> | undefined): boolean =>
  metadata?.[UNSETTLED_NAME] !== undefined;

/** Both, as the client's options of a write have them: without tags, none are named, and it takes no right to set tags. */
export function tagsOption(
  operation: string,
  key: string,
  tags: Tags,
): { readonly tags?: Record<string, string>; readonly metadata: Record<string, string> } {
  const encoded = indexTags(operation, key, tags);
  const metadata = tagsMetadata(tags);
  return Object.keys(encoded).length === 0 ? { metadata } : { metadata, tags: encoded };
}

/** The tags that a blob's metadata tells; none of a blob that others put. @throws StoreFault `corrupt` when others changed them. */
export function tagsOfMetadata(metadata: Readonly<Record<string, string>> | undefined): Tags {
  const kept = metadata?.[METADATA_NAME];
  if (kept === undefined) return {};
  const tags = parsed(Buffer.from(kept, 'base64url').toString());
  if (tags === null) throw new StoreFault('corrupt', 'the tags that are kept with it cannot be read');
  return tags;
}

function parsed(text: string): Tags | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's error quotes the text.
    return null;
  }
  const isTags = typeof value === 'object' && value !== null && Object.values(value).every(isText);
  return isTags ? (value as Tags) : null;
}

const isText = (value: unknown): boolean => typeof value === 'string';
