import { knownByKey, type KnownByKey } from '@voicemail/domain';
import { readLedger } from './ledger/read-ledger.ts';
import { markOf, type MasterMark } from './master-mark.ts';
import type { TenantStores } from './tenant-stores.ts';
import { WrongMasterRegion } from './wrong-master-region.ts';

export class CallerHashKeyMismatch extends Error {
  override readonly name = 'CallerHashKeyMismatch';

  constructor(
    tenant: string,
    why = `tenant ${tenant} was written under another caller-hash key: put that key into CALLER_HASH_KEY_FILE`,
  ) {
    super(why);
  }

  static ofLedger(tenant: string, { holds, requests, erasures }: KnownByKey): CallerHashKeyMismatch {
    return new CallerHashKeyMismatch(
      tenant,
      `tenant ${tenant} knows callers by a caller-hash key that is not in CALLER_HASH_KEY_FILE any more (legal holds: ${holds}, requests: ${requests}, erasures: ${erasures}): put its line back, behind the first one`,
    );
  }
}

/**
 * Compares the caller-hash keys with the one that a tenant's entries are under, and the master region with the one that the tenant has.
 * That key must stay in the file, as a previous one after a rotation, until `reindexTenant` is done: entries under it are searched with it.
 * It must stay after that while something in force in the ledger knows its caller by no other.
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
  if (!hashes.isKnown(mark.checkValue)) throw new CallerHashKeyMismatch(tenant);
  await refuseWhereCallersAreLost(stores, mark);
  return true;
}

/**
 * Every entry of the ledger is also under the key that the mark named when it was written, so all are known while all those keys are there: only
 * where one has left the file the ledger is read.
 */
async function refuseWhereCallersAreLost(stores: TenantStores, { formerCheckValues = [] }: MasterMark): Promise<void> {
  const { tenant, hashes } = stores;
  if (formerCheckValues.every((value) => hashes.isKnown(value))) return;
  const isLost = (keyIds: readonly string[] = []): boolean => !keyIds.some((id) => hashes.keyIds.includes(id));
  const lost = knownByKey(await readLedger(stores), isLost);
  if (lost.holds + lost.requests + lost.erasures > 0) throw CallerHashKeyMismatch.ofLedger(tenant, lost);
}
