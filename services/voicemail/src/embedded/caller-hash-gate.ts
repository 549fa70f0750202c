import {
  CallerHashKeyMismatch,
  claimMasterRegion,
  WrongMasterRegion,
  type CallerHashes,
  type TenantStores,
} from '@voicemail/message-store';
import { around, StoreError, type ObjectStore } from '@voicemail/object-store';
import type { Remembered } from './remembered.ts';

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
  /** Lets a call through, or not. @throws StoreError `unavailable`. */
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

/**
 * @param stores the tenant's as they are in force, unguarded.
 * @param lastVerified the check value that this deployment verified last: with the same key the stores are open at once,
 * so that a master region that is down at a restart keeps nothing from the other regions.
 */
export function callerHashGate(
  { checkValue, isKnown }: CallerHashes,
  stores: () => TenantStores,
  lastVerified: Remembered,
): CallerHashGate {
  let verified: ObjectStore | null = null;
  let isOpen = false;
  let verifying: Promise<void> | null = null;

  const compare = async (): Promise<void> => {
    const current = stores();
    await claimMasterRegion(current);
    if ((await lastVerified.read()) !== checkValue) await lastVerified.write(checkValue);
    verified = current.master.store;
    isOpen = true;
  };
  const verify = async (): Promise<void> => {
    if (verified === stores().master.store) return;
    verifying ??= compare().finally(() => {
      verifying = null;
    });
    await verifying;
  };
  const pass = async (operation: string, key: string | null): Promise<void> => {
    if (isOpen) return;
    const verifiedBefore = await lastVerified.read();
    if (verifiedBefore !== null && isKnown(verifiedBefore)) {
      isOpen = true;
      return;
    }
    try {
      await verify();
    } catch (error) {
      const why = isForAPerson(error) ? error.message : 'the caller-hash key could not be verified';
      throw new StoreError('unavailable', operation, key, why, { cause: error });
    }
  };

  return { verify, pass };
}

/** What is wrong with the deployment, and does not pass by itself. */
export const isForAPerson = (error: unknown): error is CallerHashKeyMismatch | WrongMasterRegion =>
  error instanceof CallerHashKeyMismatch || error instanceof WrongMasterRegion;
