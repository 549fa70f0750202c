import { join } from 'node:path';
import { isErrno } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { versionsFolderName } from './file-names.ts';
import type { Identity } from './identity.ts';
import type { ObjectPaths } from './object-paths.ts';
import { readVersion } from './versions.ts';
import { allDone, makeFolder, type Volume } from './volume.ts';

/** Why a key is refused that lies below an object. */
export const folderIsObject = (): StoreFault =>
  new StoreFault('invalid-key', 'one of its folders is an object: no key may be a folder of another');

/**
 * Makes the folders that are to hold an object, as far as they are missing, and makes them durable. The root is never made,
 * and nothing is made right below it without a look whether it is still the store.
 * @throws StoreError `invalid-key` when one of them is an object.
 */
export async function makeFolders(volume: Volume, identity: Identity, { folders }: ObjectPaths): Promise<void> {
  const missing = await firstMade(volume, identity, folders);
  const changed = folders.slice(missing).map((_, index) => join(volume.root, ...folders.slice(0, missing + index)));
  for (let depth = missing; depth < folders.length; depth++) {
    await makeFolder(volume, join(volume.root, ...folders.slice(0, depth + 1)));
    await refuseObject(volume, folders.slice(0, depth), folders[depth] ?? '');
  }
  // Only what was made here: what another writer made is durable with our own later step, as metadata is kept in order.
  await allDone(changed.map((path) => volume.syncFolder(path)));
}

/** Makes the first of the folders that is missing, and tells how many there were before it. */
async function firstMade(volume: Volume, identity: Identity, names: readonly string[]): Promise<number> {
  for (let depth = names.length; depth > 0; depth--) {
    // The top level is where an unmounted volume would be filled by mistake.
    if (depth === 1) await identity.confirm();
    try {
      return (await makeFolder(volume, join(volume.root, ...names.slice(0, depth)))) ? depth - 1 : depth;
    } catch (error) {
      if (isErrno(error, 'ENOTDIR')) throw folderIsObject();
      if (depth === 1 || !isErrno(error, 'ENOENT')) throw error;
    }
  }
  return 0;
}

/** An object whose plain copy is not there yet does not stop a folder of its name from being made; its versions do. */
async function refuseObject(volume: Volume, above: readonly string[], name: string): Promise<void> {
  const parent = join(volume.root, ...above);
  const version = await readVersion(volume, join(parent, versionsFolderName(name)), false);
  if (version.state !== 'live') return;
  await volume.removeIfEmpty(join(parent, name));
  throw folderIsObject();
}
