import { randomBytes } from 'node:crypto';
import { closeSync, futimesSync, linkSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { claimOf, dataName } from '../../../packages/object-store/src/file-system/chain.ts';
import { encodeLive } from '../../../packages/object-store/src/file-system/claim.ts';
import { INLINE_MAX_BYTES } from '../../../packages/object-store/src/file-system/content.ts';
import { objectPaths } from '../../../packages/object-store/src/file-system/object-paths.ts';
import type { Placer } from './placer.ts';

/** The files of an object that lies in a store already: its version, its plain copy, and the file of a large body's bytes, which both share. */
interface LyingObject {
  readonly etag: string;
  readonly version: string;
  readonly plain: string;
  /** The name of the file of its bytes, in the folder of its version; null where they are in the version. */
  readonly data: string | null;
}

/**
 * Places objects into a store of the file system, without its steps: no temporary file, no look at what is there. Names and bytes are
 * those that the store's own code makes.
 */
export function storePlacer(root: string): Placer<LyingObject> {
  const made = new Set<string>();
  const makeFolderOf = (key: string): void => {
    const { parent } = objectPaths(root, key);
    if (made.has(parent)) return;
    mkdirSync(parent, { recursive: true });
    made.add(parent);
  };
  return {
    place: ({ key, body, contentType, tags }, at) => {
      makeFolderOf(key);
      const { versions, plain } = objectPaths(root, key);
      const etag = randomBytes(16).toString('hex');
      const core = { etag, previous: null, state: 'live' as const, at };
      const data = body.length > INLINE_MAX_BYTES ? dataName(etag, at) : null;
      const known = { contentType, tags, size: body.length, crc32: crc32(body), plainAt: at };
      const details = data === null ? known : { ...known, data };
      const version = join(versions, claimOf(etag, 1).name);
      mkdirSync(versions);
      write(version, encodeLive(core, details, data === null ? body : null), null);
      write(plain, body, at);
      if (data !== null) linkSync(plain, join(versions, data));
      return { etag, version, plain, data };
    },
    placeAgain: (key, lying) => {
      makeFolderOf(key);
      const { versions, plain } = objectPaths(root, key);
      mkdirSync(versions);
      linkSync(lying.version, join(versions, claimOf(lying.etag, 1).name));
      linkSync(lying.plain, plain);
      if (lying.data !== null) linkSync(lying.plain, join(versions, lying.data));
    },
  };
}

function write(path: string, bytes: Uint8Array, at: number | null): void {
  const file = openSync(path, 'wx');
  writeSync(file, bytes);
  if (at !== null) futimesSync(file, at / 1_000, at / 1_000);
  closeSync(file);
}
