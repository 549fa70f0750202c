import type { CallerKey } from '@voicemail/domain';
import { knownCaller } from './known-caller.ts';
import type { TenantStores } from './tenant-stores.ts';

/**
 * A caller as the ledger has it: the keyed hashes of every form of the number, under every key of the file, so that an entry of today and one
 * that was written under a previous key are of the same caller. null for an anonymous one.
 */
export function callerKey(stores: TenantStores, callerId: string): CallerKey | null {
  const hashes = soughtHashes(stores, callerId);
  return hashes.length === 0 ? null : { hashes, keyIds: stores.hashes.keyIds };
}

/** The hashes by which the ledger may know a caller: of every form, under every key that is still searched. Empty for an anonymous one. */
export const soughtHashes = (stores: TenantStores, callerId: string | null): readonly string[] =>
  knownCaller(stores, callerId)?.sought ?? [];
