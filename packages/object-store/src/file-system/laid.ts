import type { ObjectPaths } from './object-paths.ts';
import type { Volume } from './volume.ts';
import { isErrno } from './classify.ts';

/** Where publishers put what is too large for a record (CONTRACT section 3). */
const STAGING_PREFIX = 'staging/';

/** A file under a key's name that somebody laid there who knows nothing of versions. */
export interface LaidFile {
  /** Bytes. */
  readonly size: number;
  /**
   * When it was last written, named or moved here, whichever is last, ms since the epoch; now where that is yet to come. A copy may keep the
   * time of what it was made of, and who laid it long before it is asked for would find it swept.
   */
  readonly at: number;
}

/** Whether a file that somebody else laid under a key, or below a prefix, is an object of the store. */
export const mayBeLaid = (keyOrPrefix: string): boolean => keyOrPrefix.startsWith(STAGING_PREFIX);

/** The file under a key, for an object that has no version; null where there is none. Asks nothing of the volume where none can be. */
export async function laidFile({ files, clock }: Volume, { key, plain }: ObjectPaths): Promise<LaidFile | null> {
  if (!mayBeLaid(key)) return null;
  try {
    const found = await files.stat(plain);
    if (!found.isFile()) return null;
    const at = Math.floor(Math.max(found.mtimeMs, found.ctimeMs));
    return { size: found.size, at: Math.min(at, clock.now()) };
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}
