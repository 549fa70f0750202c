import { CallerHashKeyMismatch, verifyCallerHashKey, type TenantStores } from '@voicemail/message-store';
import { around, StoreError, type ObjectStore } from '@voicemail/object-store';
import type { Remembered } from './remembered.ts';

/**
 * Keeps a tenant's stores closed to a process that may have another caller-hash key than they were written under: nothing
 * is read or written before the key was compared with the check value in the master region.
 */
export interface CallerHashGate {
  /**
   * Compares the key, once it could. @throws CallerHashKeyMismatch, or StoreError while the master region is down.
   */
  verify(): Promise<void>;
  /** The store as this tenant may use it. */
  guard(store: ObjectStore): ObjectStore;
}

/**
 * @param stores the tenant's, unguarded.
 * @param lastVerified the check value that this deployment verified last: with the same key the stores are open at once,
 * so that a master region that is down at a restart keeps nothing from the other regions.
 */
export function callerHashGate(stores: TenantStores, lastVerified: Remembered): CallerHashGate {
  const { checkValue, isKnown } = stores.hashes;
  let isVerified = false;
  let isOpen = false;
  let verifying: Promise<void> | null = null;

  const compare = async (): Promise<void> => {
    await verifyCallerHashKey(stores);
    if ((await lastVerified.read()) !== checkValue) await lastVerified.write(checkValue);
    isVerified = true;
    isOpen = true;
  };
  const verify = async (): Promise<void> => {
    if (isVerified) return;
    verifying ??= compare().finally(() => {
      verifying = null;
    });
    await verifying;
  };
  const open = async (operation: string, key: string | null): Promise<void> => {
    if (isOpen) return;
    const verifiedBefore = await lastVerified.read();
    if (verifiedBefore !== null && isKnown(verifiedBefore)) {
      isOpen = true;
      return;
    }
    try {
      await verify();
    } catch (error) {
      const why = error instanceof CallerHashKeyMismatch ? error.message : 'the caller-hash key could not be verified';
      throw new StoreError('unavailable', operation, key, why, { cause: error });
    }
  };

  return {
    verify,
    guard: (store) =>
      around(store, {
        call: async (operation, key, run) => {
          await open(operation, key);
          return run();
        },
        items: async function* (operation, prefix, run) {
          await open(operation, prefix);
          yield* run();
        },
      }),
  };
}
