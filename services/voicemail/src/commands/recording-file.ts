import { readFile, stat } from 'node:fs/promises';
import { UsageError } from '../cli-error.ts';
import { failedWith } from '../data-folder/private-file.ts';

/** What the API takes at most (CONTRACT section 10). */
export const MAX_RECORDING_BYTES = 32 * 1024 * 1024;

export interface RecordingFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/**
 * Reads a recording and tells its media type by its first bytes: endings are often wrong.
 * @param contentType where the bytes do not tell, as with raw samples.
 * @throws UsageError when it is no recording, too large, or cannot be read.
 */
export async function readRecording(path: string, contentType: string | undefined): Promise<RecordingFile> {
  const bytes = await readBytes(path);
  if (contentType !== undefined) return { bytes, contentType };
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(bytes);
  if (found !== undefined && /^(?:audio|video)\//.test(found.mime)) return { bytes, contentType: found.mime };
  const seen = found === undefined ? 'its bytes do not tell what it is' : `it is ${found.mime}`;
  throw new UsageError(`${path} is not known to be a recording: ${seen}. Name its media type with --content-type.`);
}

async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { size } = await stat(path);
    if (size === 0) throw new UsageError(`${path} is empty.`);
    if (size > MAX_RECORDING_BYTES) {
      throw new UsageError(`${path} has ${size} bytes; a deposit takes ${MAX_RECORDING_BYTES} at most.`);
    }
    return Uint8Array.from(await readFile(path));
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR')) throw new UsageError(`There is no file ${path}.`, { cause: error });
    if (failedWith(error, 'EISDIR')) throw new UsageError(`${path} is a folder.`, { cause: error });
    if (failedWith(error, 'EACCES', 'EPERM')) throw new UsageError(`${path} may not be read.`, { cause: error });
    throw error;
  }
}
