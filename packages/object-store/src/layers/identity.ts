import type { Clock, Ids } from '@voicemail/runtime';
import { identityText, readIdentity, type IdentityObject, type SeenIdentity } from '../identity-object.ts';
import type { ObjectStore } from '../port.ts';
import { StoreError, type StoreErrorKind } from '../store-error.ts';
import { around } from './around.ts';

/** The object that says which store this is. A tenant's keys begin with a letter or a digit, so none of them has this name. */
export const IDENTITY_KEY = '.identity';
/** For how long a store that was found to be itself is taken to be so. */
const BELIEVED_MS = 1_000;
/** After these a store that answers again may be another one: emptied, restored, behind a name that moved. */
const UNSURE: ReadonlySet<StoreErrorKind> = new Set(['unavailable', 'timeout', 'unknown']);

export interface IdentityOptions {
  /** The region whose store this is; another region's is refused. */
  readonly region: string;
  readonly seen: SeenIdentity;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'uuid'>;
  /** What the identity is read through; the store itself unless told. Give one that is quick to give up, as everybody waits for it. */
  readonly through?: ObjectStore;
}

/**
 * A store that is what it was, or is down: nothing is read or written before its identity object was compared with what the
 * deployment remembers. The object is made once, in a store that was never seen; a bucket that was made again, emptied or
 * belongs to another region is `unavailable` from then on, and not an empty store. Looked at again at most once a second while
 * the store is in use, after every call that did not reach it, and by every `check`. Listings do not show it.
 *
 * Only a good answer is remembered: `failingFast` is for stores that hang. Round `withRetry`: a wrong store does not become the right
 * one within moments.
 */
export function withIdentity(
  store: ObjectStore,
  { region, seen, clock, ids, through = store }: IdentityOptions,
): ObjectStore {
  let known: string | null = null;
  let trustedUntilMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  let doubts = 0;
  const doubt = (): void => {
    doubts += 1;
    trustedUntilMs = Number.NEGATIVE_INFINITY;
  };

  const read = (): Promise<IdentityObject | null> => storedIdentity(through);

  /** Makes the identity. Of several processes that do so at once one wins, and all go on with that one. */
  const make = async (): Promise<IdentityObject | null> => {
    const body = Buffer.from(identityText({ id: ids.uuid(), region }));
    try {
      await through.put(IDENTITY_KEY, body, { contentType: 'application/json', condition: { absent: true } });
    } catch (error) {
      if (!(error instanceof StoreError && error.kind === 'condition-failed')) throw error;
    }
    return read();
  };

  const look = async (): Promise<void> => {
    const doubtsBefore = doubts;
    const remembered = known ?? (await memory(() => seen.read()));
    const there = (await read()) ?? (remembered === null ? await make() : null);
    if (there === null) throw notTheStore(`there is no ${IDENTITY_KEY} in it any more`);
    if (there.region !== region) throw notTheStore(`it is the store of region ${there.region}`);
    if (remembered !== null && there.id !== remembered) throw notTheStore('it is another store');
    if (remembered === null) await memory(() => seen.write(there.id));
    known = there.id;
    if (doubts === doubtsBefore) trustedUntilMs = clock.monotonicMs() + BELIEVED_MS;
  };
  /** Looks now, or joins who does. */
  const confirm = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };
  const assure = async (): Promise<void> => {
    if (clock.monotonicMs() >= trustedUntilMs) await confirm();
  };
  const noting = (error: unknown): unknown => {
    if (error instanceof StoreError && UNSURE.has(error.kind)) doubt();
    return error;
  };

  const layered = around(store, {
    call: async (operation, key, run) => {
      // How a store is set up is to be seen of a wrong one too.
      if (operation === 'settings') return run();
      if (key === IDENTITY_KEY) throw new StoreError('invalid-key', operation, key, 'the name is the store’s own');
      await (operation === 'check' ? confirm() : assure());
      try {
        return await run();
      } catch (error) {
        throw noting(error);
      }
    },
    items: async function* (_operation, _prefix, run) {
      await assure();
      try {
        yield* run();
      } catch (error) {
        throw noting(error);
      }
    },
  });
  return {
    ...layered,
    list: async function* (prefix, options) {
      for await (const object of layered.list(prefix, options)) if (object.key !== IDENTITY_KEY) yield object;
    },
  };
}

/** The identity that is in a store; null where it has none yet. @throws StoreError `unavailable` where what is there is none. */
export async function storedIdentity(store: ObjectStore): Promise<IdentityObject | null> {
  const reader = await store.get(IDENTITY_KEY);
  if (reader === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.body) chunks.push(chunk);
  try {
    return readIdentity(Buffer.concat(chunks).toString());
  } catch (error) {
    throw notTheStore(`${IDENTITY_KEY} ${error instanceof Error ? error.message : 'cannot be read'}`, error);
  }
}

const notTheStore = (why: string, cause?: unknown): StoreError =>
  new StoreError('unavailable', 'get', IDENTITY_KEY, `the store is not the one it was: ${why}`, { cause });

/** What is remembered lies outside the store; that it cannot be had is this store's trouble nevertheless. */
async function memory<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new StoreError('unknown', 'get', IDENTITY_KEY, 'which store was seen here cannot be looked up', {
      cause: error,
    });
  }
}
