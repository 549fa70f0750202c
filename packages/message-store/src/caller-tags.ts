import { isMarked, type Metadata } from '@voicemail/domain';
import type { ObjectStore, Tags } from '@voicemail/object-store';
import { knownCaller } from './known-caller.ts';
import type { TenantStores } from './tenant-stores.ts';

/** The tag that a caller is found by. */
export const CALLER_TAG = 'caller_id';

/** The keyed hash of a caller as received; null for an anonymous one. */
export function callerHash(stores: TenantStores, callerId: string | null): string | null {
  return knownCaller(stores, callerId)?.hash ?? null;
}

/** The tags of whatever belongs to a caller, for one store: in the clear only where the store itself searches by them. */
export function callerTags(stores: TenantStores, store: ObjectStore, callerId: string | null): Tags {
  const caller = knownCaller(stores, callerId);
  if (caller === null) return {};
  return { [CALLER_TAG]: store.capabilities.tagSearch ? caller.canonical : caller.hash };
}

/** The tag of a message that is marked for deletion. */
export const FORGET_TAG = { name: 'forgetme', value: 'true' } as const;

/** The tags of a message, on its metadata and on its media. A put replaces the tags, so every one of either carries all of them. */
export function messageTags(stores: TenantStores, store: ObjectStore, message: Metadata): Tags {
  const tags = callerTags(stores, store, message.callerId);
  return isMarked(message) ? { ...tags, [FORGET_TAG.name]: FORGET_TAG.value } : tags;
}
