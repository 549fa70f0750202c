import { isDeepStrictEqual } from 'node:util';
import {
  CallerHashKeyMismatch,
  claimMasterRegion,
  WrongMasterRegion,
  type CallerHashes,
  type TenantStores,
} from '@voicemail/message-store';
import { around, StoreError, type ObjectStore } from '@voicemail/object-store';
import type { MasterMemory } from './verified-master.ts';

/**
 * Keeps a tenant's stores closed to a process that may have another caller-hash key than they were written under, or takes another
 * region for the master: nothing is read or written before both were compared with what the master region says.
 */
export interface CallerHashGate {
  /**
   * Compares, once it could. @throws CallerHashKeyMismatch, WrongMasterRegion, or StoreError while the master region is down, at
   * a tenant's very first start any of its regions.
   */
  verify(): Promise<void>;
  /** Lets a call through, or not. @throws StoreError, retryable. */
  pass(operation: string, key: string | null): Promise<void>;
}

/** A store as a tenant may use it. */
export function guarded(store: ObjectStore, gate: CallerHashGate): ObjectStore {
  return around(store, {
    call: async (operation, key, run) => {
      await gate.pass(operation, key);
      return run();
    },
    items: async function* (operation, prefix, run) {
      await gate.pass(operation, prefix);
      yield* run();
    },
  });
}

/** A tenant of the tenants' file that is in force. */
export interface TenantInForce {
  /** Unguarded. */
  readonly stores: TenantStores;
  /** Which region is the master, and in which place. */
  readonly masterPlace: string;
  /** Whether the master region ever held something of the tenant. */
  readonly isUsed: () => Promise<boolean>;
}

/**
 * @param inForce the tenant as it is in force; null while it is not.
 * @param memory what this deployment verified last: with the same key, master region and place the stores are open at once, so that a
 * master region that is down at a restart keeps nothing from the other regions.
 */
export function callerHashGate(
  { checkValue, keyIds, isKnown }: CallerHashes,
  inForce: () => TenantInForce | null,
  memory: MasterMemory,
): CallerHashGate {
  // Each is the master region's store that it holds for: another one, of a changed file, is verified anew.
  let verified: ObjectStore | null = null;
  let open: ObjectStore | null = null;
  let refused: ObjectStore | null = null;
  let verifying: Promise<void> | null = null;

  const compare = async ({ stores, masterPlace, isUsed }: TenantInForce): Promise<void> => {
    const { store } = stores.master;
    const before = await memory.read();
    try {
      await claimMasterRegion(stores, before !== null && (await isUsed()));
    } catch (error) {
      // What was remembered is not believed any more.
      if (isForAPerson(error)) [verified, open, refused] = [null, null, store];
      throw error;
    }
    const now = { checkValue, keyIds: [...keyIds], master: masterPlace };
    if (!isDeepStrictEqual(before, now)) await memory.write(now);
    [verified, open, refused] = [store, store, null];
  };
  const verify = async (): Promise<void> => {
    for (let now = inForce(); now !== null && now.stores.master.store !== verified; now = inForce()) {
      verifying ??= compare(now).finally(() => {
        verifying = null;
      });
      await verifying;
    }
  };
  const isRemembered = async ({ masterPlace }: TenantInForce): Promise<boolean> => {
    const seen = await memory.read();
    if (seen === null || seen.master !== masterPlace || !isKnown(seen.checkValue)) return false;
    return seen.keyIds.every((id) => keyIds.includes(id));
  };
  const pass = async (operation: string, key: string | null): Promise<void> => {
    const now = inForce();
    if (now === null) {
      // What is under way when a tenant leaves the file comes to its end.
      if (open !== null) return;
      throw new StoreError('unavailable', operation, key, 'the tenant is not in force');
    }
    const { store } = now.stores.master;
    if (open === store) return;
    if ((await isRemembered(now)) && refused !== store) {
      open = store;
      return;
    }
    await verify().catch((error: unknown) => {
      throw closed(operation, key, error);
    });
  };

  return { verify, pass };
}

/** Why a call was not let through: as the master region's store says it, where that may pass by itself. */
function closed(operation: string, key: string | null, cause: unknown): StoreError {
  if (isForAPerson(cause)) return new StoreError('unavailable', operation, key, cause.message, { cause });
  const what = 'the caller-hash key could not be verified';
  if (!(cause instanceof StoreError)) return new StoreError('unavailable', operation, key, what, { cause });
  const { kind, retryable, retryAfterMs, message } = cause;
  // Another kind would be taken for an answer about the key that was asked for.
  const told = retryable ? kind : 'unavailable';
  return new StoreError(told, operation, key, `${what}: ${message}`, { cause, retryAfterMs });
}

/** What is wrong with the deployment, and does not pass by itself. */
export const isForAPerson = (error: unknown): error is CallerHashKeyMismatch | WrongMasterRegion =>
  error instanceof CallerHashKeyMismatch || error instanceof WrongMasterRegion;
