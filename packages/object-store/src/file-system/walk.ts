import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { compareKeys } from '../key.ts';
import { isErrno } from './classify.ts';
import { continuedPiece, decodeName, versionedName, versionsFolderName } from './file-names.ts';
import { readVersion } from './versions.ts';
import type { Volume } from './volume.ts';

/** What a folder of keys holds: the objects that there may be, and the folders, by their segments. */
export interface Entry {
  readonly segment: string;
  /** The versions folder of an object, the file that was laid, or the folder of that name. */
  readonly path: string;
  /** `laid`: a file without versions, which may be an object (see `laidFile`). */
  readonly kind: 'object' | 'laid' | 'folder';
}

/**
 * The entries right below some folder, in the order of the keys below it: a folder stands where its keys do, that is as if
 * its name ended in `/`. Null if there is no such folder.
 * @param wantsLaid whether files without versions are wanted too.
 */
export async function entriesOf(volume: Volume, path: string, wantsLaid = false): Promise<readonly Entry[] | null> {
  const found: Entry[] = [];
  if (!(await collect(volume, path, '', wantsLaid, found))) return null;
  const objects = new Set(found.filter(({ kind }) => kind === 'object').map(({ segment }) => segment));
  // Beside versions it is their plain copy.
  const isWanted = ({ segment, kind }: Entry): boolean => kind !== 'laid' || !objects.has(segment);
  const place = ({ segment, kind }: Entry): string => (kind === 'folder' ? `${segment}/` : segment);
  return found.filter(isWanted).toSorted((a, b) => compareKeys(place(a), place(b)));
}

async function collect(
  volume: Volume,
  path: string,
  pieces: string,
  wantsLaid: boolean,
  found: Entry[],
): Promise<boolean> {
  let entries: Dirent[];
  try {
    entries = await volume.files.readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
  for (const entry of entries) {
    const isLaid = wantsLaid && entry.isFile();
    if (!isLaid && !entry.isDirectory()) continue;
    const below = join(path, entry.name);
    const piece = isLaid ? null : continuedPiece(entry.name);
    if (piece !== null) {
      await collect(volume, below, pieces + piece, wantsLaid, found);
      continue;
    }
    const object = isLaid ? null : versionedName(entry.name);
    const segment = decodeName(pieces + (object ?? entry.name));
    if (segment === null || (object === null && entry.name.startsWith('.'))) continue;
    found.push({ segment, path: below, kind: isLaid ? 'laid' : object === null ? 'folder' : 'object' });
  }
  return true;
}

/**
 * Whether there is an object anywhere below a folder. A plain copy is taken at its word: one whose object was deleted
 * outlives it only where the deleting process died, until the key or a sweep comes by.
 */
export async function holdsObject(volume: Volume, path: string): Promise<boolean> {
  try {
    for await (const entry of await volume.files.opendir(path)) {
      const object = versionedName(entry.name);
      if (entry.isFile() && !entry.name.startsWith('.')) return true;
      if (!entry.isDirectory()) continue;
      // Each folder as it comes: the first that holds something ends the look, and the names after it are not read.
      const isObject =
        object === null
          ? holdsObject(volume, join(path, entry.name))
          : isLive(volume, join(path, versionsFolderName(object)));
      if (await isObject) return true;
    }
    return false;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

const isLive = async (volume: Volume, versionsPath: string): Promise<boolean> =>
  (await readVersion(volume, versionsPath, false)).state === 'live';
