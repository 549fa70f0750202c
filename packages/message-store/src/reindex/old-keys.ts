import { knownByKey } from '@voicemail/domain';
import { readLedger } from '../ledger/read-ledger.ts';
import type { TenantStores } from '../tenant-stores.ts';
import type { OldKey } from './report.ts';

/**
 * What the ledger knows callers by, of each key behind the current one. The hashes of an entry cannot be made anew: those of erased callers
 * are all that is left of the number, and an entry is never changed.
 * @param isBrought whether everything else is under the current key.
 */
export async function oldKeysOf(stores: TenantStores, isBrought: boolean): Promise<readonly OldKey[]> {
  const { keyIds } = stores.hashes;
  if (keyIds.length === 1) return [];
  const state = await readLedger(stores);
  return keyIds.slice(1).map((keyId, index) => {
    // Of several old keys that know a caller the first stays; an entry that names none may be under any.
    const isBy = (own?: readonly string[]): boolean =>
      own === undefined || keyIds.find((id) => own.includes(id)) === keyId;
    const known = knownByKey(state, isBy);
    const isNeeded = known.holds + known.requests + known.erasures > 0;
    return { key: index + 2, keyId, mayLeave: isBrought && !isNeeded, ...known };
  });
}
