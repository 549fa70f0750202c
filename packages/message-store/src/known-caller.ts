import { callerIdForms, canonicalCallerId } from '@voicemail/domain';
import type { CallerHashes } from './caller-hash.ts';
import type { TenantStores } from './tenant-stores.ts';

/** A caller as it is written down. */
export interface KnownCaller {
  readonly canonical: string;
  /** The keyed hash of the canonical form. */
  readonly hash: string;
  /** The hashes by which the ledger of requests may know it: of every form of the number, under every key that is still searched. */
  readonly sought: readonly string[];
}

/** Those of the deposits that are under way at once, and some more. */
const MAX_IN_MIND = 64;

/** By the keys that made the hashes. */
const inMind = new WeakMap<CallerHashes, Map<string, KnownCaller | null>>();

/**
 * A caller as received, worked out; null for an anonymous one. A deposit asks with each of its writes, and to read a number is most of
 * what it computes beside its recording: the last few callers are kept in memory.
 */
export function knownCaller(
  {
    tenant,
    defaultCountry,
    formerDefaultCountries,
    hashes,
  }: Pick<TenantStores, 'tenant' | 'defaultCountry' | 'formerDefaultCountries' | 'hashes'>,
  callerId: string | null,
): KnownCaller | null {
  if (callerId === null) return null;
  const callers = inMind.get(hashes) ?? new Map<string, KnownCaller | null>();
  inMind.set(hashes, callers);
  const name = JSON.stringify([tenant, defaultCountry, formerDefaultCountries, callerId]);
  const known = callers.get(name);
  if (known !== undefined) return known;
  const canonical = canonicalCallerId(callerId, defaultCountry);
  const forms = callerIdForms(callerId, defaultCountry, formerDefaultCountries);
  const sought = forms.flatMap((form) => hashes.all(tenant, form));
  const caller = canonical === null ? null : { canonical, hash: hashes.current(tenant, canonical), sought };
  callers.set(name, caller);
  if (callers.size > MAX_IN_MIND) for (const oldest of callers.keys().take(1)) callers.delete(oldest);
  return caller;
}
