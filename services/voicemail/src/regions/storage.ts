import { isAbsolute, relative, resolve } from 'node:path';
import { placeOf, type Storage } from '@voicemail/contracts';
import type { DataFolder } from '../data-folder/data-folder.ts';

/** A storage with absolute paths. Relative ones, of volumes and of secret files, are below the data folder, so that it can be moved. */
export function absoluteStorage({ root }: DataFolder, storage: Storage): Storage {
  const absolute = (path: string | null): string | null => (path === null ? null : resolve(root, path));
  if (storage.interface === 'FileSystem') return { ...storage, root: resolve(root, storage.root) };
  if (storage.interface === 'S3') return { ...storage, credentialsFile: absolute(storage.credentialsFile) };
  return {
    ...storage,
    connectionStringFile: absolute(storage.connectionStringFile),
    accountKeyFile: absolute(storage.accountKeyFile),
    sasFile: absolute(storage.sasFile),
  };
}

/** The place of an absolute storage as text that stays the same when the data folder is moved. */
export function portablePlace(data: DataFolder, storage: Storage): string {
  const portable = (path: string): string => {
    const inside = relative(data.root, path);
    return inside === '..' || inside.startsWith('../') || isAbsolute(inside) ? path : inside;
  };
  if (storage.interface === 'FileSystem') return portable(storage.root);
  if (storage.interface === 'S3' || storage.connectionStringFile === null) return JSON.stringify(placeOf(storage));
  return JSON.stringify(placeOf({ ...storage, connectionStringFile: portable(storage.connectionStringFile) }));
}

/** Where a storage keeps its objects, for people. Names no secret. */
export function describeStorage(storage: Storage): string {
  if (storage.interface === 'FileSystem') return storage.root;
  if (storage.interface === 'BlobStorage') {
    return `container ${storage.container}${storage.accountUrl === null ? '' : ` of ${storage.accountUrl}`}`;
  }
  const folder = storage.prefix === '' ? '' : `, folder ${storage.prefix}`;
  return `bucket ${storage.bucket}${folder}${storage.endpoint === null ? '' : ` at ${storage.endpoint}`}`;
}
