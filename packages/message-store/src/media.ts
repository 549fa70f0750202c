import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type * as musicMetadata from 'music-metadata';
import { StoreError } from '@voicemail/object-store';

/** File name endings of the media types that voicemail comes in; others are kept as `bin`. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/webm': 'webm',
  'audio/mp4': 'm4a',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/amr': 'amr',
  'audio/basic': 'au',
};

const OTHER = 'bin';

/** Every ending that a recording's name may have. */
export const MEDIA_EXTENSIONS: readonly string[] = [...new Set([...Object.values(EXTENSIONS), OTHER])];

/** @param contentType a media type; parameters do not count. */
export function mediaExtension(contentType: string): string {
  return EXTENSIONS[contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''] ?? OTHER;
}

/** What is read off a recording. */
export interface MediaFacts {
  /** Bytes. */
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  /** null where the media does not say. */
  readonly durationMs: number | null;
}

/** Reads a recording that is whole in memory. */
export async function inspectBytes(
  bytes: Uint8Array,
  contentType: string,
  wantsDuration: boolean,
): Promise<MediaFacts> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const durationMs = wantsDuration
    ? await duration(({ parseBuffer }) => parseBuffer(bytes, { mimeType: contentType }, { duration: true }))
    : null;
  return { size: bytes.length, sha256, durationMs };
}

/**
 * Reads a recording from its store without holding it.
 * @param open starts a new stream from the first byte; called a second time where the duration is wanted, for a parser stops where it likes.
 */
export async function inspectStream(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  contentType: string,
  wantsDuration: boolean,
): Promise<MediaFacts> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of await open()) {
    hash.update(chunk);
    size += chunk.length;
  }
  const sha256 = hash.digest('hex');
  if (!wantsDuration) return { size, sha256, durationMs: null };
  const stream = Readable.from(await open(), { objectMode: false });
  try {
    const durationMs = await duration(({ parseStream }) =>
      parseStream(stream, { mimeType: contentType, size }, { duration: true, skipPostHeaders: true }),
    );
    return { size, sha256, durationMs };
  } finally {
    stream.destroy();
  }
}

type Parsers = Pick<typeof musicMetadata, 'parseBuffer' | 'parseStream'>;

/** A recording that no parser understands is kept all the same: its duration is unknown. @throws StoreError of its stream. */
async function duration(
  parse: (parsers: Parsers) => Promise<{ format: { duration?: number } }>,
): Promise<number | null> {
  // Loaded with the first recording: a start does not wait for it.
  const parsers = await import('music-metadata');
  try {
    const { format } = await parse(parsers);
    return format.duration === undefined || !Number.isFinite(format.duration)
      ? null
      : Math.round(format.duration * 1000);
  } catch (error) {
    if (error instanceof StoreError || !(error instanceof Error)) throw error;
    return null;
  }
}
