import { join } from 'node:path';
import { dataWrittenAt, parseClaimName } from './chain.ts';
import type { ClaimCore } from './claim.ts';
import { commit, nothing } from './commit.ts';
import { clearEnded } from './ended.ts';
import { TEMPORARY_FOLDER } from './file-names.ts';
import type { Identity } from './identity.ts';
import type { KeyLock } from './key-lock.ts';
import { objectPaths, type ObjectPaths } from './object-paths.ts';
import type { SweepReport } from './options.ts';
import { settlePlain } from './plain-copy.ts';
import { healSuperseded, readCore, readVersion, type Version } from './versions.ts';
import { temporaryTakenAt, type Volume } from './volume.ts';
import { entriesOf } from './walk.ts';

const HOUR_MS = 3_600_000;
/** A write that takes longer than this is taken to have died. */
const TEMPORARIES_STAY_MS = HOUR_MS;
/** For as long, a writer that slept finds what happened meanwhile, and says that it was overtaken. */
const TOMBSTONES_STAY_MS = 24 * HOUR_MS;

type Counts = { -readonly [K in keyof SweepReport]: number };

interface Sweep {
  readonly volume: Volume;
  readonly identity: Identity;
  readonly lock: KeyLock;
  readonly signal: AbortSignal;
  readonly temporariesStayMs: number;
  readonly counts: Counts;
}

/** See `FileSystemStore.sweep`. */
export async function sweepStore(
  { volume, identity, lock }: Pick<Sweep, 'volume' | 'identity' | 'lock'>,
  signal: AbortSignal,
  temporariesStayMs: number = TEMPORARIES_STAY_MS,
): Promise<SweepReport> {
  const counts = { temporaries: 0, tombstones: 0, superseded: 0, unreferencedData: 0, emptyFolders: 0 };
  const sweep: Sweep = { volume, identity, lock, signal, temporariesStayMs, counts };
  await identity.confirm();
  await sweepTemporaries(sweep);
  await sweepFolder(sweep, '', volume.root);
  return counts;
}

// Either way: a clock that once stood far ahead must not keep what it left for ever.
const isPast = ({ clock }: Volume, at: number, stayMs: number): boolean => Math.abs(clock.now() - at) >= stayMs;

async function sweepTemporaries({ volume, signal, temporariesStayMs, counts }: Sweep): Promise<void> {
  const folder = join(volume.root, TEMPORARY_FOLDER);
  for (const name of (await volume.namesIn(folder)) ?? []) {
    signal.throwIfAborted();
    const takenAt = temporaryTakenAt(name);
    if (takenAt === null || !isPast(volume, takenAt, temporariesStayMs)) continue;
    await volume.discard(join(folder, name));
    counts.temporaries += 1;
  }
}

/** Sweeps all below a folder; true if nothing is left in it. */
async function sweepFolder(sweep: Sweep, prefix: string, path: string): Promise<boolean> {
  const { volume, lock, signal, counts } = sweep;
  let isEmpty = true;
  for (const { segment, kind, path: below } of (await entriesOf(volume, path)) ?? []) {
    signal.throwIfAborted();
    const key = prefix + segment;
    if (kind === 'folder') {
      const removed = (await sweepFolder(sweep, `${key}/`, below)) && (await volume.removeIfEmpty(below));
      if (removed) counts.emptyFolders += 1;
      isEmpty &&= removed;
    } else {
      const paths = objectPaths(volume.root, key);
      isEmpty = (await lock.run(key, () => sweepObject(sweep, paths))) && isEmpty;
    }
  }
  return isEmpty;
}

/** Sweeps one object; true if nothing is left of it. */
async function sweepObject(sweep: Sweep, paths: ObjectPaths): Promise<boolean> {
  const { volume, counts } = sweep;
  const version = await readVersion(volume, paths.versions, false);
  if (version.folder === null) return true;
  if (version.state !== 'absent') await healSuperseded(volume, paths.versions, version.claim);
  await settlePlain(volume, paths);
  if (version.state === 'live' || version.state === 'deleted') {
    await sweepSuperseded(sweep, paths, version);
    await sweepOthers(sweep, paths, version);
  }
  if (version.state === 'live') return false;
  if (version.state === 'deleted') {
    if (!isPast(volume, version.core.at, TOMBSTONES_STAY_MS) || !(await end(sweep, paths, version))) return false;
    counts.tombstones += 1;
  }
  const now = await readVersion(volume, paths.versions, false);
  if (now.state === 'live' || now.state === 'deleted') return false;
  if (now.folder !== null) await clearEnded(volume, paths.versions, now.folder);
  return volume.removeIfEmpty(paths.versions);
}

/** Ends a deleted object's chain, so that nobody can add to it while it is taken away; false if somebody just did. */
async function end(
  { volume, identity }: Sweep,
  paths: ObjectPaths,
  version: Version & { core: ClaimCore },
): Promise<boolean> {
  const { core } = version;
  const last: ClaimCore = { etag: volume.ids.token(), previous: core.etag, state: 'end', at: volume.clock.now() };
  return (await commit(volume, identity, paths, version, { core: last, body: null, prepare: nothing })) !== null;
}

/** The version before the present one stays: by it the present one is known to count. */
async function sweepSuperseded({ volume, counts }: Sweep, paths: ObjectPaths, { folder }: Version): Promise<void> {
  for (const { name } of folder?.superseded.slice(0, -1) ?? []) {
    const core = await readCore(volume, paths.versions, name);
    if (core !== null && !isPast(volume, core.at, TOMBSTONES_STAY_MS)) return;
    if (await volume.unlinkIfThere(join(paths.versions, name))) counts.superseded += 1;
  }
}

async function sweepOthers(sweep: Sweep, paths: ObjectPaths, version: Version): Promise<void> {
  const { volume, temporariesStayMs, counts } = sweep;
  const referenced = version.state === 'live' ? version.live.details.data : undefined;
  for (const name of version.folder?.others ?? []) {
    if (name === referenced) continue;
    const at = dataWrittenAt(name) ?? (await lostClaimAt(volume, paths, name));
    if (at === null || !isPast(volume, at, temporariesStayMs)) continue;
    if (await volume.unlinkIfThere(join(paths.versions, name))) counts.unreferencedData += 1;
  }
}

const lostClaimAt = async (volume: Volume, { versions }: ObjectPaths, name: string): Promise<number | null> =>
  parseClaimName(name) === null ? null : ((await readCore(volume, versions, name))?.at ?? null);
