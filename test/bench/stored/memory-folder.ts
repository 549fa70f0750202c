import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { openWorkspace, type Workspace } from '../workspace.ts';

/** Where Linux keeps a file system that is memory. */
const MEMORY = '/dev/shm';
/** What 200,000 messages take there, and room beside it. */
const NEEDED_BYTES = 9 * 1_024 ** 3;

/** Folders in memory, or null where there is not enough of it. */
export async function memoryFolder(): Promise<Workspace | null> {
  try {
    const { bavail, bsize } = await statfs(MEMORY);
    return Math.min(bavail * bsize, freemem()) < NEEDED_BYTES ? null : await openWorkspace(MEMORY);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
