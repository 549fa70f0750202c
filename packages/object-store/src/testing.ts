import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemIds } from '@voicemail/runtime';
import type { ServerContainer, TestAccount } from './azure-blob/server-container.ts';
import { openFileSystemStore } from './file-system/file-system-store.ts';
import type { FileSystemStore, FileSystemStoreOptions } from './file-system/options.ts';
import type { ServerBucket, TestServer } from './s3/server-bucket.ts';

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

/** A container of its own on a test's Azure server. */
export async function azureContainer(account: TestAccount): Promise<ServerContainer> {
  // Large, and no concern of a test that has a volume.
  const { containerOf } = await import('./azure-blob/server-container.ts');
  return containerOf(account);
}

/** A bucket of its own on a test's S3 server. */
export async function s3Bucket(server: TestServer, options?: { readonly versioning?: boolean }): Promise<ServerBucket> {
  const { bucketOn } = await import('./s3/server-bucket.ts');
  return bucketOn(server, options);
}
