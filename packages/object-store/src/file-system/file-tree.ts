import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Every file and folder below a path, relative to it, in order: for tests that look at what is left on a volume. */
export async function fileTree(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.map((entry) => relative(root, join(entry.parentPath, entry.name))).toSorted();
}

/** The files below a path that hold a text. */
export async function filesHolding(root: string, text: string): Promise<string[]> {
  const holding: string[] = [];
  for (const path of await fileTree(root)) {
    const full = join(root, path);
    if ((await stat(full)).isFile() && (await readFile(full)).includes(text)) holding.push(path);
  }
  return holding;
}
