import { z } from 'zod';
import { createJson, readJson } from './json-document.ts';
import { callerHashCheckKey } from './keys.ts';
import type { TenantStores } from './tenant-stores.ts';

export class CallerHashKeyMismatch extends Error {
  override readonly name = 'CallerHashKeyMismatch';
}

const check = z.object({ checkValue: z.string() });

/**
 * Compares the caller-hash key with the one that a tenant's entries were written under; notes it where none is noted yet.
 * @throws CallerHashKeyMismatch: with another key no caller would be found.
 */
export async function verifyCallerHashKey(stores: TenantStores): Promise<void> {
  const { store } = stores.master;
  const key = callerHashCheckKey(stores.tenant);
  const ours = { checkValue: stores.hashes.checkValue };
  const stored = await readJson(store, key, check);
  if (stored === null && (await createJson(store, key, ours))) return;
  const theirs = stored ?? (await readJson(store, key, check));
  if (theirs?.value.checkValue === ours.checkValue) return;
  throw new CallerHashKeyMismatch(
    `tenant ${stores.tenant} was written under another caller-hash key: put that key into CALLER_HASH_KEY_FILE`,
  );
}
