import { callerIdForms, type CallerKey } from '@voicemail/domain';
import { knownCaller } from './known-caller.ts';
import type { TenantStores } from './tenant-stores.ts';

/** A caller as the ledger has it: the keyed hashes of every form of the number, under the current key. null for an anonymous one. */
export function callerKey(stores: TenantStores, callerId: string): CallerKey | null {
  const { tenant, defaultCountry, formerDefaultCountries, hashes } = stores;
  const forms = callerIdForms(callerId, defaultCountry, formerDefaultCountries);
  return forms.length === 0 ? null : { hashes: forms.map((form) => hashes.current(tenant, form)) };
}

/** The hashes by which the ledger may know a caller: of every form, under every key that is still searched. Empty for an anonymous one. */
export const soughtHashes = (stores: TenantStores, callerId: string | null): readonly string[] =>
  knownCaller(stores, callerId)?.sought ?? [];
