import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Body } from '../port.ts';
import { storeError } from './classify.ts';
import type { Volume } from './volume.ts';

/** Bodies up to here are kept in their claim, so that a small put is one file; larger ones are a file of their own. */
export const INLINE_MAX_BYTES = 64 * 1024;

/** A body, taken in and not yet an object. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  readonly crc32: number;
  /** The bytes where they are few, else null. */
  readonly inline: Buffer | null;
  /** The temporary file that is the body, durable, where it is large, else null. */
  readonly path: string | null;
  /** The modification time that the file has for good, as it is another object's too; null where it is ours to set. */
  readonly sharedAt: number | null;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Takes a body in, with no more than `INLINE_MAX_BYTES` and a chunk in memory. An error of the body itself comes back as
 * it is; one of the volume as a StoreError.
 * @param onRefused told how many bytes there was no room for.
 */
export async function takeIn(
  volume: Volume,
  key: string,
  body: Body,
  onRefused: (bytes: number) => void,
): Promise<Content> {
  const chunks = body instanceof Uint8Array ? once(body) : body;
  const path = volume.temporaryPath();
  const held: Uint8Array[] = [];
  let file: FileHandle | null = null;
  let size = 0;
  let sum = 0;
  const asked = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      const failure = storeError('put', key, error);
      if (failure.kind === 'full') onRefused(size);
      throw failure;
    }
  };
  const spill = async (): Promise<FileHandle> => {
    file = await volume.files.open(path, 'wx');
    for (const chunk of held.splice(0)) await file.writeFile(chunk);
    return file;
  };
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      sum = crc32(chunk, sum);
      if (file === null && size <= INLINE_MAX_BYTES) {
        // A copy: whoever made the chunk may use its memory again.
        held.push(Uint8Array.from(chunk));
      } else {
        await asked(async () => (file ?? (await spill())).writeFile(chunk));
      }
    }
    if (file === null) return { size, crc32: sum, inline: Buffer.concat(held), path: null, sharedAt: null };
    const written: FileHandle = file;
    await asked(() => written.sync());
    await asked(() => written.close());
    return { size, crc32: sum, inline: null, path, sharedAt: null };
  } catch (error) {
    if (file !== null) await drop(volume, file, path);
    throw error;
  }
}

async function drop(volume: Volume, file: FileHandle, path: string): Promise<void> {
  try {
    await file.close();
    await volume.unlinkIfThere(path);
  } catch {
    // The error that led here says more than this one, and a sweep removes the file.
    return;
  }
}

/** Whether a body is whole and will be kept in its claim, so that taking it in costs nothing. */
export const isSmall = (body: Body): boolean => body instanceof Uint8Array && body.length <= INLINE_MAX_BYTES;
