import { canonicalCallerId } from '@voicemail/domain';
import type { ObjectStore, Tags } from '@voicemail/object-store';
import type { TenantStores } from './tenant-stores.ts';

/** The tag that a caller is found by. */
export const CALLER_TAG = 'caller_id';

/** The keyed hash of a caller as received; null for an anonymous one. */
export function callerHash(stores: TenantStores, callerId: string | null): string | null {
  const canonical = canonicalCallerId(callerId, stores.defaultCountry);
  return canonical === null ? null : stores.hashes.current(stores.tenant, canonical);
}

/** The tags of whatever belongs to a caller, for one store: in the clear only where the store itself searches by them. */
export function callerTags(stores: TenantStores, store: ObjectStore, callerId: string | null): Tags {
  const canonical = canonicalCallerId(callerId, stores.defaultCountry);
  if (canonical === null) return {};
  return { [CALLER_TAG]: store.capabilities.tagSearch ? canonical : stores.hashes.current(stores.tenant, canonical) };
}
