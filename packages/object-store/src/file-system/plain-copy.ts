import { join } from 'node:path';
import type { LiveClaim } from './claim.ts';
import { isErrno } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import type { ObjectPaths } from './object-paths.ts';
import { readVersion } from './versions.ts';
import type { Volume } from './volume.ts';

const MAX_ATTEMPTS = 20;

/** Whether the plain copy shows what this version is; it is told by size and time, as every version has its own time. */
export async function isPlainRight({ files }: Volume, paths: ObjectPaths, live: LiveClaim | null): Promise<boolean> {
  try {
    const found = await files.stat(paths.plain);
    // A folder of that name is no copy of ours; makeFolders refused one of the two.
    if (found.isDirectory()) return true;
    if (live === null) return false;
    return found.size === live.details.size && Math.floor(found.mtimeMs) === live.details.plainAt;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return live === null;
    throw error;
  }
}

/**
 * Makes the plain copy show the present version, and looks again afterwards: a writer or a deletion may have come in
 * between, and a slow repair must leave nothing behind of what was deleted meanwhile.
 */
export async function settlePlain(volume: Volume, paths: ObjectPaths): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const version = await readVersion(volume, paths.versions, true);
    const live = version.state === 'live' ? version.live : null;
    if (await isPlainRight(volume, paths, live)) return;
    await repair(volume, paths, live);
  }
  throw new StoreFault('busy', 'it is being written faster than its plain copy');
}

async function repair(volume: Volume, paths: ObjectPaths, live: LiveClaim | null): Promise<void> {
  if (live === null) {
    await volume.unlinkIfThere(paths.plain);
    return;
  }
  const temporary = volume.temporaryPath();
  try {
    if (live.details.data === undefined) {
      await volume.writeNew(temporary, live.inline ?? Buffer.alloc(0), { sync: false, at: live.details.plainAt });
    } else if (!(await linkIfThere(volume, join(paths.versions, live.details.data), temporary))) {
      return;
    }
    await volume.files.rename(temporary, paths.plain);
  } finally {
    // A rename between two names of one file does nothing and leaves both.
    await volume.unlinkIfThere(temporary);
  }
}

/** False where the data is gone, as it is when its version was superseded a moment ago. */
async function linkIfThere({ files }: Volume, from: string, to: string): Promise<boolean> {
  try {
    await files.link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
