import type { PutOptions, Tags } from '../port.ts';
import { claimAfter, dataName, type ClaimName } from './chain.ts';
import type { ClaimCore, ClaimDetails, LiveClaim } from './claim.ts';
import { isErrno } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { commit, nothing, type Outcome } from './commit.ts';
import type { Content } from './content.ts';
import type { Identity } from './identity.ts';
import { laidFile } from './laid.ts';
import type { ObjectPaths } from './object-paths.ts';
import { settlePlain } from './plain-copy.ts';
import { coreOf, readCore, readVersion, type Version } from './versions.ts';
import { fileTime, type Volume } from './volume.ts';

/** How often a writer goes again after losing a race, before it says so. */
const MAX_ATTEMPTS = 50;
/** Versions this near in time get times of their own, so that a plain copy's time tells which one it shows. */
const SAME_MOMENT_MS = 1000;

export type Condition = PutOptions['condition'];

/** What a new version is to be, beside its body. */
export interface Meaning {
  readonly contentType: string;
  readonly tags: Tags;
  readonly condition: Condition;
  /** When it was laid there (see `LaidFile`), which is then its time: only where the object never had a version. */
  readonly laidAt?: number;
}

/** Changes one object; of several changes of one object in this process, the caller runs one at a time. */
export interface Writing {
  readonly write: (paths: ObjectPaths, content: Content, meaning: Meaning) => Promise<Omit<LiveClaim, 'inline'>>;
  /** False if there is no object, nor a file that somebody laid there. */
  readonly remove: (paths: ObjectPaths, condition: Condition) => Promise<boolean>;
}

/** @throws StoreFault `condition-failed` when the condition does not hold for this version. */
export function assureCondition(version: Version, condition: Condition): void {
  if (condition === undefined) return;
  const etag = version.state === 'live' ? version.live.core.etag : null;
  if ('absent' in condition) {
    if (etag !== null) throw new StoreFault('condition-failed', 'there is one already');
  } else if (etag !== condition.etag) {
    throw new StoreFault('condition-failed', 'it is not the version that was asked for');
  }
}

export function writing(volume: Volume, identity: Identity): Writing {
  const { clock, files, ids } = volume;

  const nextCore = (version: Version, state: ClaimCore['state'], now = clock.now()): ClaimCore => {
    const before = version.state === 'absent' ? null : coreOf(version);
    const sameMoment = before !== null && before.at >= now && before.at - now < SAME_MOMENT_MS;
    const follows = version.state === 'live' || version.state === 'deleted';
    return {
      etag: ids.token(),
      previous: follows ? (before?.etag ?? null) : null,
      state,
      at: sameMoment ? before.at + 1 : now,
    };
  };

  /** The plain copy as it is to be, written before the version is, so that a full volume refuses both. */
  const preparePlain = async (path: string, content: Content, at: number): Promise<void> => {
    if (content.inline !== null) {
      await volume.writeNew(path, content.inline, { sync: false, at });
    } else if (content.path !== null) {
      if (content.sharedAt === null) await files.utimes(content.path, fileTime(at), fileTime(at));
      await files.link(content.path, path);
    }
  };

  /** A later version, by another process, may have shown its plain copy before ours took its place. */
  const settleIfOvertaken = async (paths: ObjectPaths, claim: ClaimName): Promise<void> => {
    if ((await readCore(volume, paths.versions, claimAfter(claim).name)) !== null) await settlePlain(volume, paths);
  };

  const showPlain = async (paths: ObjectPaths, claim: ClaimName, prepared: string): Promise<void> => {
    try {
      await files.rename(prepared, paths.plain);
    } catch (error) {
      if (!isErrno(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
      await remove(paths, undefined);
      throw new StoreFault('invalid-key', 'it is a folder: no key may be a folder of another');
    }
    await settleIfOvertaken(paths, claim);
  };

  const attempt = async (
    paths: ObjectPaths,
    version: Version,
    content: Content,
    core: ClaimCore,
    details: ClaimDetails,
  ): Promise<Outcome> => {
    const prepared = volume.temporaryPath();
    let isLeft = true;
    try {
      const prepare = (): Promise<void> => preparePlain(prepared, content, details.plainAt);
      const claim = await commit(volume, identity, paths, version, { core, body: { details, content }, prepare });
      if (claim === null) return null;
      await showPlain(paths, claim, prepared);
      // A rename between two names of one file does nothing and leaves both.
      isLeft = content.path !== null;
      return claim;
    } finally {
      if (isLeft) await volume.unlinkIfThere(prepared);
    }
  };

  const write: Writing['write'] = async (paths, content, { contentType, tags, condition, laidAt }) => {
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      const version = await readVersion(volume, paths.versions, false);
      assureCondition(version, condition);
      if (laidAt !== undefined && version.state !== 'absent') {
        throw new StoreFault('condition-failed', 'it was deleted as it was taken in');
      }
      const core = nextCore(version, 'live', laidAt);
      const { size, crc32 } = content;
      const plainAt = content.sharedAt ?? core.at;
      const data = content.path === null ? {} : { data: dataName(core.etag, core.at) };
      const details: ClaimDetails = { contentType, tags, size, crc32, plainAt, ...data };
      if ((await attempt(paths, version, content, core, details)) !== null) return { core, details };
    }
    throw new StoreFault('busy', 'other writers were faster every time');
  };

  const remove: Writing['remove'] = async (paths, condition) => {
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      const version = await readVersion(volume, paths.versions, false);
      // What was laid gets a tombstone as well: whoever is just taking it in finds that it is gone.
      if (version.state !== 'live' && (await laidFile(volume, paths)) === null) return false;
      assureCondition(version, condition);
      const core = nextCore(version, 'deleted');
      const claim = await commit(volume, identity, paths, version, { core, body: null, prepare: nothing });
      if (claim === null) continue;
      await hidePlain(paths);
      await settleIfOvertaken(paths, claim);
      return true;
    }
    throw new StoreFault('busy', 'other writers were faster every time');
  };

  const hidePlain = async ({ plain }: ObjectPaths): Promise<void> => {
    try {
      await volume.unlinkIfThere(plain);
    } catch (error) {
      // A folder of that name: the object was refused for it, and never had a plain copy.
      if (!isErrno(error, 'EISDIR', 'EPERM')) throw error;
    }
  };

  return { write, remove };
}
