import { withRetry, type ObjectStore } from '@voicemail/object-store';
import { azureContainer, s3Bucket } from '@voicemail/object-store/testing';
import { systemClock, systemIds } from '@voicemail/runtime';
import type { OpenStore } from './world.ts';

/** As in production: a store on a server may say that it is busy. */
export const patient = (store: ObjectStore): ObjectStore =>
  withRetry(store, { maxAttempts: 4, baseMs: 20, maxMs: 500 }, { clock: systemClock(), ids: systemIds() });

/** Containers on a server that is there when the first one is opened. */
export const containers =
  (server: () => Parameters<typeof azureContainer>[0]): OpenStore =>
  async () => {
    const own = await azureContainer(server());
    return { store: patient(await own.open()), dispose: () => own.dispose() };
  };

/** Buckets that keep versions, likewise. */
export const buckets =
  (server: () => Parameters<typeof s3Bucket>[0]): OpenStore =>
  async () => {
    const own = await s3Bucket(server(), { versioning: true });
    return { store: patient(await own.open()), dispose: () => own.dispose() };
  };
