import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Placer } from './placer.ts';

/** Places objects as plain files by their keys. A gateway that keeps them so lists and reads them, without types, tags and etags. */
export function filePlacer(root: string): Placer<string> {
  const made = new Set<string>();
  const pathOf = (key: string): string => {
    const path = join(root, key);
    const folder = dirname(path);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    return path;
  };
  return {
    place: ({ key, body }) => {
      const path = pathOf(key);
      writeFileSync(path, body, { flag: 'wx' });
      return path;
    },
    placeAgain: (key, lying) => linkSync(lying, pathOf(key)),
  };
}
