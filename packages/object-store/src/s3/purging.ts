import type { Leftover, Purge } from '../port.ts';
import type { Bucket } from './bucket.ts';
import { KINDS_OF_CODES } from './error-codes.ts';
import { StoreFault } from '../store-fault.ts';
import type { Replicas } from './replicas.ts';
import { reasonFor, type Reason } from './retained.ts';
import { historyOf, NULL_ID, type Version } from './versions.ts';

/** As many as S3 deletes in one request. */
const BATCH = 1000;

/**
 * Erases what a bucket with versioning keeps of a key. One request where there is nothing; otherwise one more for each thousand
 * versions, and one for the marker of a deleted object. That goes last, or what it hides would be the object again.
 *
 * What a writer adds meanwhile has an id that is not in the list, so it stays.
 */
export async function purgeVersions(bucket: Bucket, key: string, replicasOf: Replicas): Promise<Purge> {
  const { past, marker } = await historyOf(bucket, key);
  const all = marker === null ? past : [...past, marker];
  if (all.length === 0) return { erased: 0, left: [] };
  const isSafe = await nullIdsAreSafe(bucket, all);
  const mayGo = (version: Version): boolean => isSafe || version.id !== NULL_ID;

  const left: Left[] = all.filter((version) => !mayGo(version)).map((version) => ({ version, reason: SUSPENDED }));
  left.push(...(await erase(bucket, key, past.filter(mayGo))));
  if (marker !== null && mayGo(marker)) {
    const hidden = left.find(({ version }) => !version.isMarker);
    if (hidden !== undefined) left.push({ version: marker, reason: { ...hidden.reason, why: HIDES } });
    else left.push(...(await bucket.turns.remove(key, () => erase(bucket, key, [marker]))));
  }
  const gone = all.filter((version) => !left.some((one) => one.version === version));
  const elsewhere = await replicasOf(gone.filter(({ isMarker }) => !isMarker).length);
  return { erased: gone.length, left: [...counted(left), ...elsewhere] };
}

interface Left {
  readonly version: Version;
  readonly reason: Reason;
}

const SUSPENDED: Reason = {
  why: 'versioning is suspended, so a write could take its id and be erased in its place: turn versioning on, and purge again',
  until: null,
};
const HIDES = 'it hides versions that could not be erased';

/** Where versioning is suspended the next write has the id `null` too: between a look and an erasure it may be another object. */
async function nullIdsAreSafe(bucket: Bucket, versions: readonly Version[]): Promise<boolean> {
  if (!versions.some(({ id }) => id === NULL_ID)) return true;
  const { Status } = await bucket.ask((s3, options) => s3.getBucketVersioning({ Bucket: bucket.name }, options));
  return Status === 'Enabled';
}

/** @returns those that could not go. @throws StoreFault where trying again may help. */
async function erase(bucket: Bucket, key: string, versions: readonly Version[]): Promise<readonly Left[]> {
  const { Bucket: name, Key } = bucket.at(key);
  const left: Left[] = [];
  for (let first = 0; first < versions.length; first += BATCH) {
    const batch = versions.slice(first, first + BATCH);
    const Objects = batch.map(({ id }) => ({ Key, VersionId: id }));
    const { Errors = [] } = await bucket.ask((s3, options) =>
      s3.deleteObjects({ Bucket: name, Delete: { Objects, Quiet: true } }, options),
    );
    for (const { VersionId, Code = 'InternalError' } of Errors) {
      if (Code === 'NoSuchVersion' || Code === 'NoSuchKey') continue;
      const version = batch.find(({ id }) => id === VersionId);
      const kind = KINDS_OF_CODES[Code] ?? 'unknown';
      if (version === undefined || kind !== 'permission-denied') {
        throw new StoreFault(kind, `a version could not be erased (${Code})`);
      }
      left.push({ version, reason: await reasonFor(bucket, key, version.id) });
    }
  }
  return left;
}

/** Those with the same reason as one. */
function counted(left: readonly Left[]): readonly Leftover[] {
  const groups = new Map<string, Leftover>();
  for (const { version, reason } of left) {
    const what = version.isMarker ? 'delete-marker' : 'version';
    const group = JSON.stringify([what, reason]);
    groups.set(group, { what, count: (groups.get(group)?.count ?? 0) + 1, ...reason });
  }
  return [...groups.values()];
}
