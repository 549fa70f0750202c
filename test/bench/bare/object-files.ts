import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** A version of an object and what is known of it, in front of its bytes. */
const HEAD = Buffer.alloc(450, ' ');

/** Objects as files, with no more than it takes: a durable version in a folder of its own, and a plain copy beside it. */
export interface ObjectFiles {
  /** @param folders below the root, of which those that were never put into are made. */
  put(folders: readonly string[], name: string, body: Uint8Array): Promise<void>;
}

export async function openObjectFiles(root: string): Promise<ObjectFiles> {
  const temporaries = join(root, '.tmp');
  await mkdir(temporaries, { recursive: true });
  /** By their paths; those under way too. */
  const made = new Map<string, Promise<void>>();
  let last = 0;
  const temporary = (): string => join(temporaries, String((last += 1)));

  const makeFolders = async (folders: readonly string[]): Promise<void> => {
    for (let depth = 1; depth <= folders.length; depth += 1) {
      const parent = join(root, ...folders.slice(0, depth - 1));
      const path = join(root, ...folders.slice(0, depth));
      const making = made.get(path) ?? mkdir(path).then(() => syncFolder(parent));
      made.set(path, making);
      await making;
    }
  };
  return {
    put: async (folders, name, body) => {
      const folder = join(root, ...folders);
      const [version, plain] = [temporary(), temporary()];
      await mkdir(version);
      await Promise.all([writeNew(join(version, '1'), [HEAD, body], true), makeFolders(folders)]);
      await rename(version, join(folder, `.${name}~`));
      await syncFolder(folder);
      await writeNew(plain, [body], false);
      await rename(plain, join(folder, name));
    },
  };
}

async function writeNew(path: string, parts: readonly Uint8Array[], sync: boolean): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(Buffer.concat(parts));
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
