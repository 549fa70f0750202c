import type { ObjectStore } from '@voicemail/object-store';
import { z } from 'zod';
import { readJson, type Stored } from './json-document.ts';
import { callerHashCheckKey } from './keys.ts';
import type { TenantStores } from './tenant-stores.ts';

/**
 * What marks a tenant's master region, `<tenant>/caller-hash-check.json`: the region that has one without `copyOf` and without
 * `handedOverTo` is the master, and there is never more than one. What must be agreed on before a tenant is served is one object, read
 * once.
 */
const masterMark = z.object({
  /** Tells by which caller-hash key the tenant's hashes were made, without telling the key. */
  checkValue: z.string(),
  /** The same of the keys before: entries of the ledger may know their callers by them alone. */
  formerCheckValues: z.array(z.string()).exactOptional(),
  /** Not the master: a part of what that region has was brought here (see `copyStorage`). */
  copyOf: z.string().exactOptional(),
  /** Not the master any more: everything was brought to that region. */
  handedOverTo: z.string().exactOptional(),
});
export type MasterMark = z.infer<typeof masterMark>;

/** Which caller-hash keys a mark tells of. */
export const keysOf = ({ checkValue, formerCheckValues }: MasterMark): MasterMark =>
  formerCheckValues === undefined ? { checkValue } : { checkValue, formerCheckValues };

/** The mark in one region's store; null where there is none. */
export function markOf({ tenant }: TenantStores, store: ObjectStore): Promise<Stored<MasterMark> | null> {
  return readJson(store, callerHashCheckKey(tenant), masterMark);
}

export const isMasters = (mark: MasterMark): boolean => mark.copyOf === undefined && mark.handedOverTo === undefined;
