import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Ids } from '@voicemail/runtime';

const TEMPORARY = /^\.[^/]+\.[0-9a-f]{32}\.tmp$/;

/** Whether a system call failed for one of these reasons. */
export function failedWith(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

/**
 * Writes a file that its owner alone may read. At every moment there is the old file, whole, or the new one; what a crash
 * leaves is a temporary (see `removeTemporaries`). Durable when it resolves.
 */
export async function writePrivately(path: string, text: string, ids: Pick<Ids, 'token'>): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${ids.token()}.tmp`);
  try {
    await using file = await open(temporary, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, path);
  await using opened = await open(folder, 'r');
  await opened.sync();
}

/** The text of a file without white space around it, or null where there is none or nothing in it. */
export async function readText(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? null : text;
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Removes what a crash in `writePrivately` left in a folder. Only for who owns it: another's write may be under way. */
export async function removeTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(
    names.filter((name) => TEMPORARY.test(name)).map((name) => rm(join(folder, name), { force: true })),
  );
}

/** Makes a folder that its owner alone may enter; one that is there stays as it is. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}
