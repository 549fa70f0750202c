import { withRetry, type ObjectStore } from '@voicemail/object-store';
import { azureContainer, memoryFolder, s3Bucket, temporaryStore } from '@voicemail/object-store/testing';
import { systemClock, systemIds } from '@voicemail/runtime';
import { azureServer, s3Server, whenAvailable, type AzureServer, type S3Server } from '@voicemail/testing';
import { describe } from 'vitest';
import { openWorld, START, type OpenOwnStore, type World } from '../test-world.ts';

/** A kind of store, as an operator chooses it for a region. */
export type StoreKind = 'volume' | 'S3' | 'S3 with versions' | 'Azure';

/** The kinds of a tenant's master region and of its other one. */
export type Mix = readonly [master: StoreKind, other: StoreKind];

/** One kind for both regions. */
export const EVERY_KIND: readonly Mix[] = [
  ['volume', 'volume'],
  ['S3', 'S3'],
  ['Azure', 'Azure'],
];

/** And every way in which a store that searches by tags can stand beside one that does not. */
export const EVERY_MIX: readonly Mix[] = [...EVERY_KIND, ['volume', 'Azure'], ['Azure', 'volume'], ['S3', 'Azure']];

/** As in production: a store on a server may say that it is busy. */
const RETRY = { maxAttempts: 4, baseMs: 20, maxMs: 500 };

interface Servers {
  readonly azure: () => Promise<AzureServer>;
  readonly s3: () => Promise<S3Server>;
}

const azure = await azureServer();
const s3 = await s3Server();

/**
 * Cases that hold whatever kinds of store a tenant's regions have, on the real things. Where a server cannot be had its cases are skipped,
 * and say so.
 * @param cases is given the mix, and how a world of it is opened, with stores of its own.
 */
export function onStores(
  name: string,
  mixes: readonly Mix[],
  cases: (open: () => Promise<World>, mix: Mix) => void,
): void {
  for (const mix of mixes) {
    const withServers = (servers: Partial<Servers>): void => cases(() => openMix(mix, servers), mix);
    const withS3 = (servers: Partial<Servers>): void => {
      if (!mix.some((kind) => kind.startsWith('S3'))) return withServers(servers);
      return whenAvailable(s3, 'S3', (start) => {
        withServers({ ...servers, s3: once(() => start({ versioning: true })) });
      });
    };
    describe(`${name}: ${mix[0]} and ${mix[1]}`, () => {
      if (!mix.includes('Azure')) return withS3({});
      return whenAvailable(azure, 'Azure', (start) => withS3({ azure: once(() => start()) }));
    });
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

function openMix([master, other]: Mix, servers: Partial<Servers>): Promise<World> {
  // A server stamps its objects with the real time.
  const startMs = Object.keys(servers).length === 0 ? START : systemClock().now();
  return openWorld({ westus2: opener(master, servers), westeurope: opener(other, servers) }, startMs);
}

function opener(kind: StoreKind, servers: Partial<Servers>): OpenOwnStore {
  const patient = (store: ObjectStore): ObjectStore =>
    withRetry(store, RETRY, { clock: systemClock(), ids: systemIds() });
  return async (region, clock) => {
    if (kind === 'volume') return temporaryStore({ region, clock }, memoryFolder());
    if (kind === 'Azure') {
      const container = await azureContainer(await started(servers.azure));
      return { store: patient(await container.open()), dispose: () => container.dispose() };
    }
    const bucket = await s3Bucket(await started(servers.s3), { versioning: kind === 'S3 with versions' });
    return { store: patient(await bucket.open()), dispose: () => bucket.dispose() };
  };
}

function started<T>(start: (() => Promise<T>) | undefined): Promise<T> {
  if (start === undefined) throw new TypeError('the cases have the servers that their mix names');
  return start();
}
