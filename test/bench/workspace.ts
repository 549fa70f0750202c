import { execFile } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The folder of one run, removed with all that is in it. Nothing is removed before the end: ext4 looks for a free inode among
 * those that were removed in the last minutes, and what is measured then waits for that.
 */
export interface Workspace extends AsyncDisposable {
  readonly path: string;
  readonly folder: () => Promise<string>;
}

/** @param where an existing folder; that of temporary files unless told. */
export async function openWorkspace(where = tmpdir()): Promise<Workspace> {
  const path = await mkdtemp(join(where, 'voicemail-bench-'));
  let made = 0;
  return {
    path,
    folder: async () => {
      made += 1;
      const folder = join(path, String(made));
      await mkdir(folder);
      return folder;
    },
    // Millions of files may be in it: Node's own removal holds the names of all.
    [Symbol.asyncDispose]: async () => void (await promisify(execFile)('rm', ['-rf', path])),
  };
}
