import { join } from 'node:path';
import { keyNames, versionsFolderName } from './file-names.ts';

/** Where on the volume an object is. */
export interface ObjectPaths {
  readonly key: string;
  /** Names of the folders that hold it, below the root. */
  readonly folders: readonly string[];
  /** The last of those folders. */
  readonly parent: string;
  /** The copy for people and tools: exactly the object's bytes, under its own name. */
  readonly plain: string;
  /** The folder of its versions, which is the truth. */
  readonly versions: string;
}

export function objectPaths(root: string, key: string): ObjectPaths {
  const { folders, name } = keyNames(key);
  const parent = join(root, ...folders);
  return { key, folders, parent, plain: join(parent, name), versions: join(parent, versionsFolderName(name)) };
}
