import { join } from 'node:path';
import { compareKeys } from '../key.ts';
import type { ListedObject } from '../port.ts';
import { prefixNames } from './file-names.ts';
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
  const entries = await entriesOf(volume, join(volume.root, ...prefixNames(prefix)));
  yield* below(volume, prefix, entries ?? [], after);
}

async function* below(
  volume: Volume,
  prefix: string,
  entries: readonly Entry[],
  after: string | undefined,
): AsyncGenerator<ListedObject> {
  const mayFollow = ({ segment, isFolder }: Entry): boolean => {
    if (after === undefined) return true;
    const key = prefix + segment + (isFolder ? '/' : '');
    return compareKeys(key, after) > 0 || (isFolder && after.startsWith(key));
  };
  const look = async ({ segment, path, isFolder }: Entry): Promise<ListedObject | Folder | null> => {
    const key = prefix + segment;
    if (isFolder) return { prefix: `${key}/`, entries: (await entriesOf(volume, path)) ?? [] };
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

interface Folder {
  readonly prefix: string;
  readonly entries: readonly Entry[];
}

/** The names of the folders right below a prefix that come after `after` and hold an object, in order. */
export async function* listFolders(volume: Volume, prefix: string, after: string | undefined): AsyncGenerator<string> {
  const entries = (await entriesOf(volume, join(volume.root, ...prefixNames(prefix)))) ?? [];
  const later = entries.filter(
    ({ segment, isFolder }) => isFolder && (after === undefined || compareKeys(`${segment}/`, `${after}/`) > 0),
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
