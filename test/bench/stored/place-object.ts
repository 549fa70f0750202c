import { closeSync, futimesSync, linkSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { claimOf } from '../../../packages/object-store/src/file-system/chain.ts';
import { encodeLive } from '../../../packages/object-store/src/file-system/claim.ts';
import { objectPaths } from '../../../packages/object-store/src/file-system/object-paths.ts';

/** An object as it is to lie in a store: what a put would be given, and the version that it would make. */
export interface PlacedObject {
  readonly key: string;
  /** So small that the store keeps it in its version. */
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly etag: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** The two files of an object that lies in a store already: its version and its plain copy. */
export interface LyingObject {
  readonly etag: string;
  readonly version: string;
  readonly plain: string;
}

/**
 * Puts an object that was not there into a store of the file system, without its steps: no temporary file, no wait for the
 * disk, no look at what is there. Names and bytes are those that the store's own code makes. Its folder is there.
 */
export function placeObject(root: string, { key, body, contentType, tags, etag, at }: PlacedObject): LyingObject {
  const { versions, plain } = objectPaths(root, key);
  const core = { etag, previous: null, state: 'live' as const, at };
  const details = { contentType, tags, size: body.length, crc32: crc32(body), plainAt: at };
  const version = join(versions, claimOf(etag, 1).name);
  mkdirSync(versions);
  write(version, encodeLive(core, details, body), null);
  write(plain, body, at);
  return { etag, version, plain };
}

/** Puts the same bytes under another key, by links: many recordings then take the room of one. */
export function placeAgain(root: string, key: string, lying: LyingObject): void {
  const { versions, plain } = objectPaths(root, key);
  mkdirSync(versions);
  linkSync(lying.version, join(versions, claimOf(lying.etag, 1).name));
  linkSync(lying.plain, plain);
}

/** Makes the folders of objects that are to be placed, each once. */
export function folderMaker(root: string): (key: string) => void {
  const made = new Set<string>();
  return (key) => {
    const { parent } = objectPaths(root, key);
    if (made.has(parent)) return;
    mkdirSync(parent, { recursive: true });
    made.add(parent);
  };
}

function write(path: string, bytes: Uint8Array, at: number | null): void {
  const file = openSync(path, 'wx');
  writeSync(file, bytes);
  if (at !== null) futimesSync(file, at / 1_000, at / 1_000);
  closeSync(file);
}
