import { join } from 'node:path';
import { compareKeys, isKey } from '../key.ts';
import type { ListedObject } from '../port.ts';
import { prefixNames } from './file-names.ts';
import { laidFile, mayBeLaid } from './laid.ts';
import { objectPaths } from './object-paths.ts';
import { readVersion } from './versions.ts';
import type { Volume } from './volume.ts';
import { entriesOf, holdsObject, type Entry } from './walk.ts';

/** Entries looked at together: enough to keep a volume busy, few enough not to keep others waiting. */
const MAX_LOOKS_IN_FLIGHT = 16;

/** The objects below a prefix whose keys come after `after`, in order of their keys. */
export async function* listObjects(
  volume: Volume,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<ListedObject> {
  const entries = await entriesOf(volume, join(volume.root, ...prefixNames(prefix)), mayBeLaid(prefix));
  yield* below(volume, prefix, entries ?? [], after);
}

async function* below(
  volume: Volume,
  prefix: string,
  entries: readonly Entry[],
  after: string | undefined,
): AsyncGenerator<ListedObject> {
  const mayFollow = ({ segment, kind }: Entry): boolean => {
    if (after === undefined) return true;
    const isFolder = kind === 'folder';
    const key = prefix + segment + (isFolder ? '/' : '');
    return compareKeys(key, after) > 0 || (isFolder && after.startsWith(key));
  };
  const look = async ({ segment, path, kind }: Entry): Promise<ListedObject | Folder | null> => {
    const key = prefix + segment;
    if (kind === 'folder') {
      return { prefix: `${key}/`, entries: (await entriesOf(volume, path, mayBeLaid(`${key}/`))) ?? [] };
    }
    if (kind === 'laid') return laidAt(volume, key, path);
    const version = await readVersion(volume, path, false);
    if (version.state !== 'live') return null;
    return { key, size: version.live.details.size, lastModified: version.live.core.at };
  };
  for await (const found of inOrder(entries.filter(mayFollow), look)) {
    if (found === null) continue;
    if ('key' in found) yield found;
    else yield* below(volume, found.prefix, found.entries, after);
  }
}

/** Somebody else named the file: it is an object where a key would be stored under just that name. */
async function laidAt(volume: Volume, key: string, path: string): Promise<ListedObject | null> {
  const paths = objectPaths(volume.root, key);
  if (!isKey(key) || paths.plain !== path) return null;
  const file = await laidFile(volume, paths);
  return file === null ? null : { key, size: file.size, lastModified: file.at };
}

interface Folder {
  readonly prefix: string;
  readonly entries: readonly Entry[];
}

/** The names of the folders right below a prefix that come after `after` and hold an object, in order. */
export async function* listFolders(volume: Volume, prefix: string, after: string | undefined): AsyncGenerator<string> {
  const entries = (await entriesOf(volume, join(volume.root, ...prefixNames(prefix)))) ?? [];
  const later = entries.filter(
    ({ segment, kind }) => kind === 'folder' && (after === undefined || compareKeys(`${segment}/`, `${after}/`) > 0),
  );
  const look = async ({ segment, path }: Entry): Promise<string | null> =>
    (await holdsObject(volume, path)) ? segment : null;
  for await (const name of inOrder(later, look)) if (name !== null) yield name;
}

/** What `look` makes of each item, in their order, a few at a time. */
async function* inOrder<T, R>(items: readonly T[], look: (item: T) => Promise<R>): AsyncGenerator<R> {
  for (let first = 0; first < items.length; first += MAX_LOOKS_IN_FLIGHT) {
    yield* await Promise.all(items.slice(first, first + MAX_LOOKS_IN_FLIGHT).map(look));
  }
}
