import { posix } from 'node:path';
import type { Storage } from './storage.ts';

/** Where a storage keeps its objects. Two places overlap where they have one root, and one's folder is in the other's or the same. */
export interface Place {
  /** What has one space of names: a file system, a container, a bucket. */
  readonly root: string;
  /** The folder in it; empty for all of it, else it ends in `/`. */
  readonly folder: string;
}

/**
 * The place of a storage, as far as the file tells it: two connection strings may be of one account, two roots one folder by a
 * link. What is not seen here the store itself refuses, by the identity object in it.
 */
export function placeOf(storage: Storage): Place {
  if (storage.interface === 'FileSystem') {
    const path = posix.normalize(storage.root);
    return { root: posix.isAbsolute(path) ? 'file system' : 'data folder', folder: asFolder(path) };
  }
  if (storage.interface === 'BlobStorage') {
    const { accountUrl, connectionStringFile, container } = storage;
    const account = accountUrl === null ? connectionStringFile : sameUrl(accountUrl);
    return { root: JSON.stringify(['BlobStorage', account, container]), folder: '' };
  }
  // A bucket's name is one in all regions of AWS; at an endpoint of its own it is that endpoint's.
  const endpoint = storage.endpoint === null ? null : sameUrl(storage.endpoint);
  return { root: JSON.stringify(['S3', endpoint, storage.bucket]), folder: storage.prefix };
}

/** The folder itself and every one that it is in, from the outside in. */
export function foldersAround(folder: string): readonly string[] {
  const ends = [...folder.matchAll(/\//g)].map(({ index }) => index + 1);
  return ['', ...ends.map((end) => folder.slice(0, end))];
}

const asFolder = (path: string): string =>
  path === '.' || path === './' ? '' : path.endsWith('/') ? path : `${path}/`;

/** The host in lower case, a default port and a slash at the end left out. */
const sameUrl = (url: string): string => new URL(url).href.replace(/\/+$/, '');
