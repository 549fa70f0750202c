import type { Storage } from '@voicemail/contracts';
import {
  failingFast,
  IDENTITY_KEY,
  oneAtATime,
  openAzureBlobStore,
  openFileSystemStore,
  openS3Store,
  withIdentity,
  withMovedTimes,
  withRetry,
  withTimeout,
  type ObjectStore,
  type SeenIdentity,
} from '@voicemail/object-store';
import { systemClock, type Clock, type Ids } from '@voicemail/runtime';
import {
  CLOUD_RETRY,
  IDENTITY_RETRY,
  IDENTITY_TIMEOUT_MS,
  LOOK_AGAIN_AFTER_MS,
  STORE_TIMEOUT_MS,
  SUSPECT_STORE_AFTER_MS,
} from '../limits.ts';

/** How much of what was taken away. */
type Swept = Readonly<Record<string, number>>;

/** A region's store, with its layers. */
export interface OpenStore {
  readonly store: ObjectStore;
  /** Takes away what crashes left in the store itself, and says how much of what; null where nothing is left. */
  readonly sweep: ((signal: AbortSignal) => Promise<Swept>) | null;
  /** Lets go of connections. What is under way fails. */
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** With absolute paths. */
  readonly storage: Storage;
  readonly region: string;
  /** null: opened without looking whose it is, and nothing is made. Only for what has no identity inside. */
  readonly seen: SeenIdentity | null;
  /** The deployment's. What happens beyond a network goes by real time. */
  readonly clock: Clock;
  /** By how much that clock is moved, in ms. */
  readonly clockOffsetMs: number;
  readonly ids: Ids;
  /** Put round every attempt at a call, to count it. */
  readonly observe: (store: ObjectStore) => ObjectStore;
}

/**
 * Opens the store of a storage of any kind: every attempt at a call has an end and is counted; beyond a network it is made again
 * where the reason passes within moments; a store that hangs fails at once. Nothing is read or written in a store that is not the
 * region's own. Resolves also when the store is down, or its secrets are not there yet.
 */
export async function openStore(options: OpenStoreOptions): Promise<OpenStore> {
  const { storage, region, seen, clock, clockOffsetMs, ids, observe } = options;
  const patient = (store: ObjectStore, timeoutMs: number, policy: typeof CLOUD_RETRY): ObjectStore =>
    withRetry(observe(withTimeout(store, timeoutMs, clock)), policy, { clock, ids });

  /** What hangs keeps nobody who has work in other stores. A look at it is counted, so that the metrics tell as long as it is down. */
  const letGo = (store: ObjectStore, bare: ObjectStore): ObjectStore => {
    const looked = observe(withTimeout(bare, IDENTITY_TIMEOUT_MS, clock));
    return failingFast(store, {
      probe: () => looked.head(IDENTITY_KEY),
      suspectAfterMs: SUSPECT_STORE_AFTER_MS,
      lookAgainAfterMs: LOOK_AGAIN_AFTER_MS,
      clock,
    });
  };

  if (storage.interface === 'FileSystem') {
    if (seen === null) throw new TypeError('a volume is opened with what was seen of it');
    const volume = await openFileSystemStore({ root: storage.root, region, clock, ids, seenIdentity: seen });
    return {
      // The adapter knows its volume by an identity of its own. Its calls are local: what failed would fail again.
      // A look that hangs in a volume holds a thread until it comes back, so there is never a second one.
      store: checkedOnce(letGo(observe(withTimeout(volume, STORE_TIMEOUT_MS, clock)), oneAtATime(volume))),
      sweep: async (signal) => ({ ...(await volume.sweep(signal)) }),
      close: async () => undefined,
    };
  }
  const cloud = storage.interface === 'S3' ? await openS3(storage, ids) : await openAzure(storage, ids);
  const tried = patient(cloud.store, STORE_TIMEOUT_MS, CLOUD_RETRY);
  const through = patient(cloud.store, IDENTITY_TIMEOUT_MS, IDENTITY_RETRY);
  const own = seen === null ? tried : withIdentity(tried, { region, seen, clock, ids, through });
  const store = withMovedTimes(checkedOnce(letGo(own, cloud.store)), clockOffsetMs);
  const { sweep } = cloud;
  if (sweep === null) return { ...cloud, store };
  const sweepOwn = async (signal: AbortSignal): Promise<Swept> => {
    // Nothing is taken away in a bucket that is not the region's own.
    await store.check();
    return sweep(signal);
  };
  return { ...cloud, store, sweep: sweepOwn };
}

/** Many tenants may have one store, and all ask at once whether it is well: one check answers them. */
function checkedOnce(store: ObjectStore): ObjectStore {
  let checking: Promise<void> | null = null;
  const check = (): Promise<void> => {
    checking ??= store.check().finally(() => {
      checking = null;
    });
    return checking;
  };
  return { ...store, check };
}

async function openS3(storage: Extract<Storage, { interface: 'S3' }>, ids: Ids): Promise<OpenStore> {
  const store = await openS3Store({ ...storage, clock: systemClock(), ids });
  return { store, sweep: async (signal) => ({ ...(await store.sweep(signal)) }), close: () => store.close() };
}

async function openAzure(storage: Extract<Storage, { interface: 'BlobStorage' }>, ids: Ids): Promise<OpenStore> {
  const store = await openAzureBlobStore({ ...storage, clock: systemClock(), ids });
  // Blocks that were never committed the service drops by itself.
  return { store, sweep: null, close: () => store.close() };
}
