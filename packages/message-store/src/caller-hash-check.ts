import { markOf } from './master-mark.ts';
import type { TenantStores } from './tenant-stores.ts';
import { WrongMasterRegion } from './wrong-master-region.ts';

export class CallerHashKeyMismatch extends Error {
  override readonly name = 'CallerHashKeyMismatch';

  constructor(tenant: string) {
    super(`tenant ${tenant} was written under another caller-hash key: put that key into CALLER_HASH_KEY_FILE`);
  }
}

/**
 * Compares the caller-hash keys with the one that a tenant's entries are under, and the master region with the one that the tenant has.
 * That key must stay in the file, as a previous one after a rotation, until `reindexTenant` is done: entries under it are searched with it.
 * Changes nothing.
 * @returns false where the master region says nothing of either yet, see `claimMasterRegion`.
 * @throws CallerHashKeyMismatch: without that key its callers would not be found. WrongMasterRegion: its messages would not be there.
 */
export async function verifyMaster(stores: TenantStores): Promise<boolean> {
  const { tenant, master, hashes } = stores;
  const mark = (await markOf(stores, master.store))?.value;
  if (mark === undefined) return false;
  if (mark.copyOf !== undefined) throw WrongMasterRegion.incomplete(tenant, mark.copyOf, master.name);
  if (mark.handedOverTo !== undefined) throw WrongMasterRegion.moved(tenant, mark.handedOverTo);
  if (hashes.isKnown(mark.checkValue)) return true;
  throw new CallerHashKeyMismatch(tenant);
}
