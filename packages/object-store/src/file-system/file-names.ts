/**
 * How a key becomes names on the volume, and back. A segment's own characters stay where they are safe everywhere; all
 * others are escaped as `%XX`, so a name from outside can be no path, no internal name and no other spelling of itself:
 *
 * - a leading `.` is escaped, so names that begin with `.` are the store's own;
 * - `~` and `%` are escaped;
 * - what is not ASCII is escaped byte by byte, so a volume that normalises Unicode changes nothing;
 * - a segment longer than a file name may be is cut: all pieces but the last are folders named `<piece>%+`.
 */
const SAFE = /[A-Za-z0-9._-]/;
const MAX_NAME_BYTES = 200;
const CONTINUED = '%+';

/** The folder that holds what the store keeps of its own, at the root. */
export const TEMPORARY_FOLDER = '.tmp';
/** The object that tells one volume from another, at the root. */
export const IDENTITY_FILE = '.identity';

const byteName = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

function escaped(segment: string): readonly string[] {
  const units: string[] = [];
  for (const char of segment) {
    const plain = SAFE.test(char) && !(char === '.' && units.length === 0);
    units.push(plain ? char : [...Buffer.from(char)].map(byteName).join(''));
  }
  return units;
}

function segmentNames(segment: string): string[] {
  const names: string[] = [];
  let name = '';
  for (const unit of escaped(segment)) {
    if (name.length + unit.length > MAX_NAME_BYTES) {
      names.push(name + CONTINUED);
      // A piece begins a name of its own, where a leading dot would again be an internal one.
      name = unit === '.' ? byteName(0x2e) : unit;
    } else {
      name += unit;
    }
  }
  return [...names, name];
}

/** The names, below the root, of the folders that hold the object, and its own. */
export function keyNames(key: string): { readonly folders: readonly string[]; readonly name: string } {
  const names = key.split('/').flatMap(segmentNames);
  return { folders: names.slice(0, -1), name: names.at(-1) ?? '' };
}

/** The names of the folders that a prefix (empty, or ending in `/`) stands for. */
export function prefixNames(prefix: string): readonly string[] {
  return prefix === '' ? [] : prefix.slice(0, -1).split('/').flatMap(segmentNames);
}

/** The segment whose pieces, joined, are this name; null for a name that the store did not make. */
export function decodeName(joined: string): string | null {
  if (!/^(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+$/.test(joined)) return null;
  try {
    return decodeURIComponent(joined);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** For a folder that holds the rest of a long segment: the piece it stands for, else null. */
export function continuedPiece(folderName: string): string | null {
  return folderName.endsWith(CONTINUED) ? folderName.slice(0, -CONTINUED.length) : null;
}

/** The folder, beside the plain copy, that holds the object's versions. */
export const versionsFolderName = (name: string): string => `.${name}~`;

/** The object whose versions a folder of that name holds, or null for any other name. */
export function versionedName(folderName: string): string | null {
  return folderName.startsWith('.') && folderName.endsWith('~') ? folderName.slice(1, -1) : null;
}
