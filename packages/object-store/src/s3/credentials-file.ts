import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromIni } from '@aws-sdk/credential-providers';
import { StoreFault } from '../store-fault.ts';
import type { Identity } from './credentials.ts';

/** How often a folder is read again that was exchanged while it was read. */
const MAX_ATTEMPTS = 3;

/**
 * The credentials that are in a file or a folder now.
 * @throws StoreFault `permission-denied` that names the file that is not there, or not whole.
 */
export async function readCredentials(path: string): Promise<Identity> {
  const found = await lookedAt(path, () => stat(path));
  return found.isDirectory() ? readFolder(path) : readIni(path);
}

async function readIni(path: string): Promise<Identity> {
  // Both names are given, or the SDK would add what is in the home folder of whoever runs this.
  const read = fromIni({ profile: 'default', filepath: path, configFilepath: path, ignoreCache: true });
  try {
    return await read();
  } catch (error) {
    throw new StoreFault('permission-denied', `the credentials file ${path} has no whole profile "default"`, {
      cause: error,
    });
  }
}

async function readFolder(path: string): Promise<Identity> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readPair(await folderNow(path));
    } catch (error) {
      // A mounted secret that is exchanged leaves its old folder for a moment only.
      if (attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** A mounted secret is exchanged as a whole, by a link to another folder: all its files are read through one and the same. */
async function folderNow(path: string): Promise<string> {
  try {
    return await realpath(join(path, '..data'));
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

async function readPair(folder: string): Promise<Identity> {
  const [accessKeyId, secretAccessKey, sessionToken] = await Promise.all([
    readLine(join(folder, 'access_key')),
    readLine(join(folder, 'secret_key')),
    readLine(join(folder, 'session_token')).catch((error: unknown) => {
      if (error instanceof StoreFault && isMissing(error.cause)) return undefined;
      throw error;
    }),
  ]);
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

async function readLine(path: string): Promise<string> {
  const text = (await lookedAt(path, () => readFile(path, 'utf8'))).trim();
  if (text === '') throw new StoreFault('permission-denied', `the credentials file ${path} is empty`);
  return text;
}

async function lookedAt<T>(path: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    const what = isMissing(error) ? 'is not there' : 'cannot be read';
    throw new StoreFault('permission-denied', `the credentials file ${path} ${what}`, { cause: error });
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
