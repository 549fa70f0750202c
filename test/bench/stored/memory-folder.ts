import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { openWorkspace, type Workspace } from '../workspace.ts';

/** Where Linux keeps a file system that is memory. */
const MEMORY = '/dev/shm';
/** What a message takes there in a store of the file system, and room beside it. */
const MESSAGE_BYTES = 48 * 1_024;

/** Folders in memory, or null where there is not enough of it for so many messages; for 200,000 unless told. */
export async function memoryFolder(messages = 200_000): Promise<Workspace | null> {
  try {
    const { bavail, bsize } = await statfs(MEMORY);
    return Math.min(bavail * bsize, freemem()) < messages * MESSAGE_BYTES ? null : await openWorkspace(MEMORY);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
