import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemIds } from '@voicemail/runtime';
import { openFileSystemStore } from './file-system/file-system-store.ts';
import type { FileSystemStore, FileSystemStoreOptions } from './file-system/options.ts';

/** A store of its own for a test, in a folder of its own. */
export interface TemporaryStore {
  readonly store: FileSystemStore;
  /** The store's folder: `<root>/<key>` are the objects' bytes. */
  readonly root: string;
  /** The same store again, as another process opens it. */
  readonly reopen: (options?: Partial<FileSystemStoreOptions>) => Promise<FileSystemStore>;
  readonly dispose: () => Promise<void>;
}

/** A volume in memory, where the machine has one: the same system calls, without the disk's waiting. */
export const memoryFolder = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

/**
 * A file-system store in a fresh folder; dispose of it after the test.
 * @param below where that folder is to be; on a disk unless told otherwise.
 */
export async function temporaryStore(
  options: Partial<FileSystemStoreOptions> = {},
  below: string = tmpdir(),
): Promise<TemporaryStore> {
  const folder = await mkdtemp(join(below, 'object-store-'));
  const all = { root: join(folder, 'store'), clock: systemClock(), ids: systemIds(), region: 'westus2', ...options };
  return {
    store: await openFileSystemStore(all),
    root: all.root,
    reopen: (changed = {}) => openFileSystemStore({ ...all, ...changed }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
