import { link, mkdir, open, opendir, readdir, rename, rmdir, stat, statfs, unlink, utimes } from 'node:fs/promises';

const volume = { link, mkdir, open, opendir, readdir, rename, rmdir, stat, statfs, unlink, utimes };

/** Everything the store asks of a volume. A test wraps it to die at, or fail, any one step. */
export type FileOperations = typeof volume;

export const nodeFileOperations: FileOperations = volume;
