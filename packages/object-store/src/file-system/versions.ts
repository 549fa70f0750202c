import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { claimBefore, readNames, type ClaimName, type VersionsFolder } from './chain.ts';
import { CORE_BYTES, HEAD_BYTES, decodeCore, decodeLive, type ClaimCore, type LiveClaim } from './claim.ts';
import { isErrno } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import type { Volume } from './volume.ts';

/** What an object's versions folder says is the truth. */
export type Version =
  /** No version: `folder` is what is left there of others, null where there is no folder. */
  | { readonly state: 'absent'; readonly folder: VersionsFolder | null }
  | { readonly state: 'live'; readonly claim: ClaimName; readonly live: LiveClaim; readonly folder: VersionsFolder }
  | {
      readonly state: 'deleted' | 'end';
      readonly claim: ClaimName;
      readonly core: ClaimCore;
      readonly folder: VersionsFolder;
    };

/** How often a reader starts again because writers overtook it, before it says so. */
const MAX_READ_ATTEMPTS = 200;

type Read = LiveClaim | ClaimCore | 'overtaken';

async function readHead(claim: FileHandle): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(HEAD_BYTES);
  const { bytesRead } = await claim.read(buffer, 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

async function readWhole(claim: FileHandle): Promise<Buffer> {
  const { size } = await claim.stat();
  const bytes = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await claim.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function readLive(claim: FileHandle, core: ClaimCore, head: Buffer, wantBody: boolean): Promise<LiveClaim> {
  const first = decodeLive(core, head, head.length < HEAD_BYTES, wantBody);
  if (first !== 'more') return first;
  const whole = decodeLive(core, await readWhole(claim), true, wantBody);
  if (whole === 'more') throw new SyntaxError('a claim is cut short');
  return whole;
}

/** Reads one claim; `overtaken` when it is gone or was stripped, which is done to superseded claims alone. */
async function readClaim({ files }: Volume, path: string, wantBody: boolean): Promise<Read> {
  let file;
  try {
    file = await files.open(path, 'r');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ESTALE')) return 'overtaken';
    throw error;
  }
  await using claim = file;
  try {
    const head = await readHead(claim);
    const core = decodeCore(head);
    return core.state === 'live' ? await readLive(claim, core, head, wantBody) : core;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // A read beside a truncation may see nothing or zeros where the details were; the size was changed before that.
    if ((await claim.stat()).size === CORE_BYTES) return 'overtaken';
    throw new StoreFault('corrupt', `what is stored is not what was written: ${error.message}`, { cause: error });
  }
}

/**
 * The object's present version. It was the highest at some moment during the call: it was the highest of a listing, and
 * when it was read afterwards it still had its details, which a successor takes away before any later one may be cleaned.
 */
export async function readVersion(volume: Volume, versionsPath: string, wantBody: boolean): Promise<Version> {
  for (let attempt = 0; attempt < MAX_READ_ATTEMPTS; attempt++) {
    const names = await volume.namesIn(versionsPath);
    if (names === null) return { state: 'absent', folder: null };
    const folder = readNames(names);
    const claim = folder.highest;
    if (claim === null) return { state: 'absent', folder };
    const read = await readClaim(volume, join(versionsPath, claim.name), wantBody);
    if (read === 'overtaken') continue;
    if ('core' in read) return { state: 'live', claim, live: read, folder };
    return { state: read.state === 'end' ? 'end' : 'deleted', claim, core: read, folder };
  }
  throw new StoreFault('busy', 'it is being written faster than it can be read');
}

/** The core of a version, whatever its state. */
export const coreOf = (version: Exclude<Version, { state: 'absent' }>): ClaimCore =>
  version.state === 'live' ? version.live.core : version.core;

/** The core of a claim, superseded or not; null if there is no such claim. */
export async function readCore({ files }: Volume, versionsPath: string, name: string): Promise<ClaimCore | null> {
  try {
    await using claim = await files.open(join(versionsPath, name), 'r');
    const bytes = Buffer.alloc(CORE_BYTES);
    const { bytesRead } = await claim.read(bytes, 0, CORE_BYTES, 0);
    return decodeCore(bytes.subarray(0, bytesRead));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** The data file that a claim names; null also where the details are unreadable, as then a sweep finds the file. */
async function dataOf(claim: FileHandle, core: ClaimCore, head: Buffer): Promise<string | null> {
  try {
    return (await readLive(claim, core, head, false)).details.data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Takes tags, details and body off a superseded claim; nothing where that was done. Its successor must be durable.
 * @returns the claim's core, or null if there is no such claim.
 */
export async function strip(volume: Volume, versionsPath: string, name: string): Promise<ClaimCore | null> {
  let file;
  try {
    file = await volume.files.open(join(versionsPath, name), 'r+');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
  await using claim = file;
  const head = await readHead(claim);
  const core = decodeCore(head);
  if (core.state !== 'live' || head.length === CORE_BYTES) return core;
  const data = await dataOf(claim, core, head);
  // The data first: a claim that still names it is what leads a later strip to it.
  if (data !== null) await volume.unlinkIfThere(join(versionsPath, data));
  await claim.truncate(CORE_BYTES);
  return core;
}

/** Strips the version before the present one, where a writer that died did not come to it. */
export async function healSuperseded(volume: Volume, versionsPath: string, claim: ClaimName): Promise<void> {
  const before = claimBefore(claim);
  if (before === null) return;
  let size;
  try {
    ({ size } = await volume.files.stat(join(versionsPath, before.name)));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return;
    throw error;
  }
  if (size === CORE_BYTES) return;
  await volume.syncFolder(versionsPath);
  await strip(volume, versionsPath, before.name);
}
