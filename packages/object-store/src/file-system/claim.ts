import { crc32 } from 'node:zlib';
import type { ObjectInfo, Tags } from '../port.ts';

/**
 * A claim file: one version of an object. Its core is of a fixed length and holds nothing about anybody; what follows is
 * there only while the version is the object's present one. So taking a superseded version's tags and body away is one
 * truncation to `CORE_BYTES`, and whether that was done shows in the file's size.
 *
 *     core      JSON, filled up with spaces, line feed
 *     details   JSON, line feed          (live versions only)
 *     body      the bytes                (small bodies only)
 */
export const CORE_BYTES = 256;
/** What is read at once: the core, usual details and many a small body. */
export const HEAD_BYTES = 4096;
const LINE_FEED = 0x0a;

export type ClaimState =
  | 'live'
  /** Deleted: a tombstone. */
  | 'deleted'
  /** The last of its chain: nothing may follow it, what is there is being taken away. */
  | 'end';

export interface ClaimCore {
  readonly etag: string;
  /** The etag of the version before, null for the first. */
  readonly previous: string | null;
  readonly state: ClaimState;
  /** When the version was written, ms since the epoch. */
  readonly at: number;
}

export interface ClaimDetails {
  readonly contentType: string;
  readonly tags: Tags;
  /** Bytes of the body. */
  readonly size: number;
  /** CRC-32 of the body, to notice what a volume has spoilt. */
  readonly crc32: number;
  /** The data file beside the claim that is the body; absent where the body follows in the claim. */
  readonly data?: string;
  /** The plain copy's modification time, ms since the epoch: that of the data file, which a copied object shares. */
  readonly plainAt: number;
}

export interface LiveClaim {
  readonly core: ClaimCore;
  readonly details: ClaimDetails;
  /** The body, where it is small and was read; null where it is a data file. */
  readonly inline: Buffer | null;
}

export function encodeCore(core: ClaimCore): Buffer {
  const bytes = Buffer.alloc(CORE_BYTES, ' ');
  bytes.write(JSON.stringify(core));
  bytes[CORE_BYTES - 1] = LINE_FEED;
  return bytes;
}

export function encodeLive(core: ClaimCore, details: ClaimDetails, inline: Uint8Array | null): Buffer {
  const head = [encodeCore(core), Buffer.from(`${JSON.stringify(details)}\n`)];
  return Buffer.concat(inline === null ? head : [...head, inline]);
}

/** The core at the start of a claim's bytes. @throws SyntaxError when it is not one. */
export function decodeCore(bytes: Buffer): ClaimCore {
  if (bytes.length < CORE_BYTES) throw new SyntaxError('a claim is shorter than its core');
  return JSON.parse(bytes.subarray(0, CORE_BYTES).toString()) as ClaimCore;
}

/**
 * A live claim's bytes, read; `more` when there are not enough of them.
 * @param whole whether `bytes` is all there is.
 * @throws SyntaxError when they are not what was written.
 */
export function decodeLive(core: ClaimCore, bytes: Buffer, whole: boolean, wantBody: boolean): LiveClaim | 'more' {
  const end = bytes.indexOf(LINE_FEED, CORE_BYTES);
  if (end < 0) {
    if (whole) throw new SyntaxError('the details of a claim are cut short');
    return 'more';
  }
  const details = JSON.parse(bytes.subarray(CORE_BYTES, end).toString()) as ClaimDetails;
  if (details.data !== undefined || !wantBody) return { core, details, inline: null };
  const inline = bytes.subarray(end + 1, end + 1 + details.size);
  if (inline.length < details.size) {
    if (whole) throw new SyntaxError('the body of a claim is cut short');
    return 'more';
  }
  if (crc32(inline) !== details.crc32) throw new SyntaxError('the body of a claim is not what was written');
  return { core, details, inline };
}

export function infoOf(key: string, { core, details }: Pick<LiveClaim, 'core' | 'details'>): ObjectInfo {
  return {
    key,
    etag: core.etag,
    size: details.size,
    contentType: details.contentType,
    tags: details.tags,
    lastModified: core.at,
  };
}
