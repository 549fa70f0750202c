import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteRange, ObjectReader, Tags } from '../port.ts';
import { infoOf, type LiveClaim } from './claim.ts';
import type { Content } from './content.ts';
import { isErrno } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import type { ObjectPaths } from './object-paths.ts';
import { sliceOfBuffer, sliceOfFile } from './slices.ts';
import { readVersion, type Version } from './versions.ts';
import type { Volume } from './volume.ts';

const MAX_ATTEMPTS = 200;

export interface OpenedObject {
  readonly version: Version;
  /** The data file, open, where the object has one; whoever asked closes it. */
  readonly file: FileHandle | null;
}

/** The present version with its body at hand: in memory, or as an open file, which stays whole whatever happens to the object. */
export async function openObject(volume: Volume, paths: ObjectPaths): Promise<OpenedObject> {
  let missing: string | null = null;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const version = await readVersion(volume, paths.versions, true);
    const data = version.state === 'live' ? version.live.details.data : undefined;
    if (version.state !== 'live' || data === undefined) return { version, file: null };
    const file = await openData(volume, paths, data);
    if (file !== null) return { version, file: await assureWhole(file, version.live) };
    // It goes only after a later version was claimed, which this look would have seen.
    if (missing === data) throw new StoreFault('corrupt', 'its data file is gone');
    missing = data;
  }
  throw new StoreFault('busy', 'it is being written faster than it can be read');
}

/** Null when the file is gone, which it is as soon as its version is superseded. */
async function openData({ files }: Volume, paths: ObjectPaths, name: string): Promise<FileHandle | null> {
  try {
    return await files.open(join(paths.versions, name), 'r');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

async function assureWhole(file: FileHandle, { details }: LiveClaim): Promise<FileHandle> {
  const { size } = await file.stat();
  if (size === details.size) return file;
  await file.close();
  throw new StoreFault('corrupt', `it has ${size} bytes where ${details.size} were written`);
}

/**
 * The reader of an opened object, which closes it; null where there is none.
 * @throws StoreFault `invalid-range` when the range is not within the object.
 */
export async function readerOf(
  key: string,
  { version, file }: OpenedObject,
  range: ByteRange | undefined,
): Promise<ObjectReader | null> {
  if (version.state !== 'live') return null;
  const { size, crc32 } = version.live.details;
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (range !== undefined && !isWithin(range, size)) {
    await file?.close();
    throw new StoreFault('invalid-range', `bytes ${start} to ${end} are not within ${size}`);
  }
  const isWhole = start === 0 && end === size - 1;
  const body =
    file === null
      ? sliceOfBuffer((version.live.inline ?? Buffer.alloc(0)).subarray(start, end + 1))
      : sliceOfFile(key, file, start, end + 1, isWhole ? crc32 : null);
  return { info: infoOf(key, version.live), body };
}

function isWithin({ start, end }: ByteRange, size: number): boolean {
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end && end < size;
}

export interface CopiedContent {
  /** Of the version that was read. */
  readonly etag: string;
  readonly content: Content;
  readonly contentType: string;
  readonly tags: Tags;
}

/** The present version's body as the content of another object: the same bytes on the volume where they are a file. */
export async function copyContent(volume: Volume, paths: ObjectPaths): Promise<CopiedContent | null> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const version = await readVersion(volume, paths.versions, true);
    if (version.state !== 'live') return null;
    const { core, details, inline } = version.live;
    const { etag } = core;
    const { size, crc32, contentType, tags, data } = details;
    if (data === undefined) {
      return { etag, content: { size, crc32, inline, path: null, sharedAt: null }, contentType, tags };
    }
    const path = volume.temporaryPath();
    try {
      await volume.files.link(join(paths.versions, data), path);
      return { etag, content: { size, crc32, inline: null, path, sharedAt: details.plainAt }, contentType, tags };
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  throw new StoreFault('busy', 'its source is being written faster than it can be read');
}
