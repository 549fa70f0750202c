import { join } from 'node:path';
import type { Clock, Ids } from '@voicemail/runtime';
import { isErrno } from './classify.ts';
import { TEMPORARY_FOLDER } from './file-names.ts';
import type { FileOperations } from './file-operations.ts';

/** The steps on a volume that everything here is made of. All paths are absolute; errors are the system's own. */
export interface Volume {
  readonly root: string;
  readonly files: FileOperations;
  readonly clock: Clock;
  readonly ids: Ids;
  /** A fresh path among the temporaries; its name tells when it was taken, so that a sweep knows its age. */
  temporaryPath(): string;
  /** Writes a new file, durable when it resolves if `sync` is asked for. */
  readonly writeNew: (
    path: string,
    bytes: Uint8Array,
    options: { readonly sync: boolean; readonly at?: number },
  ) => Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Removes a file; false if there was none. */
  unlinkIfThere(path: string): Promise<boolean>;
  /** Removes an empty folder; false if it was not there or not empty. */
  removeIfEmpty(path: string): Promise<boolean>;
  /** The names in a folder; null if there is no such folder. */
  namesIn(path: string): Promise<readonly string[] | null>;
  /** Removes a temporary: a file, or a folder of files. */
  discard(path: string): Promise<void>;
}

/**
 * Milliseconds since the epoch as a file's time in seconds; half a microsecond more, as what the system cuts off would
 * otherwise make many a millisecond the one before.
 */
export const fileTime = (at: number): number => (at + 0.0005) / 1000;

export function volume(root: string, files: FileOperations, clock: Clock, ids: Ids): Volume {
  const unlinkIfThere = async (path: string): Promise<boolean> => {
    try {
      await files.unlink(path);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  };
  const namesIn = async (path: string): Promise<readonly string[] | null> => {
    try {
      return await files.readdir(path);
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
      throw error;
    }
  };
  const removeIfEmpty = async (path: string): Promise<boolean> => {
    try {
      await files.rmdir(path);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST')) return false;
      throw error;
    }
  };
  return {
    root,
    files,
    clock,
    ids,
    unlinkIfThere,
    removeIfEmpty,
    namesIn,
    temporaryPath: () => join(root, TEMPORARY_FOLDER, `${clock.now()}-${ids.token()}`),
    writeNew: async (path, bytes, { sync, at }) => {
      await using file = await files.open(path, 'wx');
      if (bytes.length > 0) await file.writeFile(bytes);
      if (at !== undefined) await file.utimes(fileTime(at), fileTime(at));
      if (sync) await file.sync();
    },
    syncFolder: async (path) => {
      await using folder = await files.open(path, 'r');
      await folder.sync();
    },
    discard: async (path) => {
      const names = await namesIn(path);
      for (const name of names ?? []) await unlinkIfThere(join(path, name));
      if (names === null) await unlinkIfThere(path);
      else await removeIfEmpty(path);
    },
  };
}

/** When a temporary was taken, by its name, or null for a name that is not one. */
export function temporaryTakenAt(name: string): number | null {
  const found = /^(\d+)-/.exec(name);
  return found === null ? null : Number(found[1]);
}

/** Waits for all of it, and only then fails with what failed first: nothing is still at work when it is cleaned up after. */
export async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(work);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Makes a folder; false if something of that name is there. */
export async function makeFolder({ files }: Pick<Volume, 'files'>, path: string): Promise<boolean> {
  try {
    await files.mkdir(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}
