import { callerIdForms, canonicalCallerId, isMarked, type Metadata } from '@voicemail/domain';
import type { ObjectStore, Tags } from '@voicemail/object-store';
import { CALLER_TAG, FORGET_TAG } from './caller-tags.ts';
import type { TenantStores } from './tenant-stores.ts';

/**
 * The form of a caller's number that a tag or a hash stands for, in the clear or under any key: that of the country which was the default when
 * it was written. null where it is not this caller's.
 */
export function matchingForm(stores: TenantStores, tag: string, callerId: string | null): string | null {
  const { tenant, hashes, defaultCountry, formerDefaultCountries } = stores;
  const forms = callerIdForms(callerId, defaultCountry, formerDefaultCountries);
  return forms.find((form) => tag === form || hashes.all(tenant, form).includes(tag)) ?? null;
}

/** The same, so that who found the caller by it still does; without such a tag the form of today. null for an anonymous caller. */
export function formOfTag(stores: TenantStores, tag: string | undefined, callerId: string | null): string | null {
  const matching = tag === undefined ? null : matchingForm(stores, tag, callerId);
  return matching ?? canonicalCallerId(callerId, stores.defaultCountry);
}

/**
 * The tags of something of a caller in another store, where the same are to be found by: the caller's is in the clear only where the store
 * searches by it, and under the current key elsewhere. Others are as they were.
 * @param present the tags that it has.
 */
export function carriedTags(stores: TenantStores, store: ObjectStore, present: Tags, callerId: string | null): Tags {
  const { [CALLER_TAG]: tag, ...others } = present;
  const form = formOfTag(stores, tag, callerId);
  if (form === null) return others;
  return {
    ...others,
    [CALLER_TAG]: store.capabilities.tagSearch ? form : stores.hashes.current(stores.tenant, form),
  };
}

/** The same of a message's metadata or media: whether it is marked is what the metadata says. */
export function carriedMessageTags(stores: TenantStores, store: ObjectStore, present: Tags, message: Metadata): Tags {
  const { [FORGET_TAG.name]: _mark, ...others } = carriedTags(stores, store, present, message.callerId);
  return isMarked(message) ? { ...others, [FORGET_TAG.name]: FORGET_TAG.value } : others;
}

export function haveSameTags(a: Tags, b: Tags): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
