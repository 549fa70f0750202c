import { join } from 'node:path';
import { WINDOW_VERSIONS, claimAfter, claimOf, type ClaimName } from './chain.ts';
import { encodeCore, encodeLive, type ClaimCore, type ClaimDetails } from './claim.ts';
import { isErrno } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import type { Content } from './content.ts';
import { clearEnded } from './ended.ts';
import { folderIsObject, makeFolders } from './folders.ts';
import type { Identity } from './identity.ts';
import type { ObjectPaths } from './object-paths.ts';
import { readCore, strip, type Version } from './versions.ts';
import { allDone, type Volume } from './volume.ts';

/** A version that is to be. */
export interface Draft {
  readonly core: ClaimCore;
  /** Null for a tombstone. */
  readonly body: { readonly details: ClaimDetails; readonly content: Content } | null;
  /** What else has to be done before the version is, beside the waiting for the disk. */
  readonly prepare: () => Promise<void>;
}

/** For a draft that needs nothing else. */
export const nothing = async (): Promise<void> => {};

/** The claim that the draft became, or null: another writer was first, and nothing was changed. */
export type Outcome = ClaimName | null;

const bytesOf = ({ core, body }: Draft): Buffer =>
  body === null ? encodeCore(core) : encodeLive(core, body.details, body.content.inline);

/**
 * Makes a draft the version after `version`; durable when it resolves with its claim. Exactly one of all writers that saw the
 * same version wins, on however many hosts: the first claim of a chain comes by a folder taking the place of none or of
 * an empty one, each later one by an exclusive link, and a link that only succeeded because its number was cleaned away
 * long ago is known by the version before it, which is gone by then.
 */
export async function commit(
  volume: Volume,
  identity: Identity,
  paths: ObjectPaths,
  version: Version,
  draft: Draft,
): Promise<Outcome> {
  if (version.state === 'live' || version.state === 'deleted') return follow(volume, paths, version, draft);
  if (version.folder !== null) await clearEnded(volume, paths.versions, version.folder);
  return begin(volume, identity, paths, draft);
}

async function begin(volume: Volume, identity: Identity, paths: ObjectPaths, draft: Draft): Promise<Outcome> {
  const { files } = volume;
  const made = volume.temporaryPath();
  const first = claimOf(draft.core.etag, 1);
  await files.mkdir(made);
  try {
    await placeData(volume, made, draft);
    await allDone([
      volume.writeNew(join(made, first.name), bytesOf(draft), { sync: true }),
      draft.prepare(),
      makeFolders(volume, identity, paths),
    ]);
    await files.rename(made, paths.versions);
  } catch (error) {
    if (isErrno(error, 'ENOENT') && (await isThere(volume, join(paths.versions, first.name)))) {
      // The server did it and its answer was lost; asked again, it did not find the source.
      await volume.syncFolder(paths.parent);
      return first;
    }
    await volume.discard(made);
    // ENOENT: a sweep took the empty folder that it was to be in; if it is the volume that went, the next step says so.
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return null;
    if (isErrno(error, 'ENOTDIR')) throw folderIsObject();
    throw error;
  }
  await volume.syncFolder(paths.parent);
  return first;
}

async function follow(
  volume: Volume,
  paths: ObjectPaths,
  version: Extract<Version, { state: 'live' | 'deleted' | 'end' }>,
  draft: Draft,
): Promise<Outcome> {
  const { chain, number } = version.claim;
  const next = claimOf(chain, number + 1);
  const temporary = volume.temporaryPath();
  try {
    await allDone([volume.writeNew(temporary, bytesOf(draft), { sync: true }), draft.prepare()]);
    await placeData(volume, paths.versions, draft);
    if (!(await linkExclusively(volume, temporary, join(paths.versions, next.name)))) {
      await withdrawData(volume, paths, draft);
      return null;
    }
  } finally {
    await volume.unlinkIfThere(temporary);
  }
  await volume.syncFolder(paths.versions);
  const before = await strip(volume, paths.versions, version.claim.name);
  if (before?.etag !== draft.core.previous && !(await didCount(volume, paths, next, draft))) return null;
  for (const old of version.folder.superseded) {
    // From the lowest: whoever finds one gone may take all before it to be gone.
    if (old.number <= next.number - WINDOW_VERSIONS) await volume.unlinkIfThere(join(paths.versions, old.name));
  }
  return next;
}

async function placeData({ files }: Volume, folder: string, { body }: Draft): Promise<void> {
  if (body === null || body.content.path === null || body.details.data === undefined) return;
  await files.link(body.content.path, join(folder, body.details.data));
}

async function withdrawData(volume: Volume, { versions }: ObjectPaths, { body }: Draft): Promise<void> {
  if (body?.details.data !== undefined) await volume.unlinkIfThere(join(versions, body.details.data));
}

async function linkExclusively({ files }: Volume, from: string, to: string): Promise<boolean> {
  try {
    await files.link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    if (!isErrno(error, 'EEXIST')) throw error;
    // Over NFS the server may have done it, its answer been lost, and this be what it says when asked again.
    return (await files.stat(from)).nlink > 1;
  }
}

async function isThere({ files }: Volume, path: string): Promise<boolean> {
  try {
    await files.stat(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/**
 * The version before is not there: either so many came after ours that it was cleaned away, or ours was made under a
 * number that had been cleaned away. The claim after ours tells, as it names the one it was made from. Where there is none
 * while ours is still there, none was cleaned away after ours, so ours never counted.
 * @returns whether ours was a version of the object.
 */
async function didCount(volume: Volume, paths: ObjectPaths, claim: ClaimName, draft: Draft): Promise<boolean> {
  const after = await readCore(volume, paths.versions, claimAfter(claim).name);
  if (after?.previous === draft.core.etag) return true;
  const withdrawn = await volume.unlinkIfThere(join(paths.versions, claim.name));
  await withdrawData(volume, paths, draft);
  if (!withdrawn)
    throw new StoreFault('busy', 'it was overtaken by so many writers that nobody can tell whether it counted');
  return false;
}
