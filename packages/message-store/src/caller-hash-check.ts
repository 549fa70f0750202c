import { z } from 'zod';
import { createJson, readJson } from './json-document.ts';
import { callerHashCheckKey } from './keys.ts';
import type { TenantStores } from './tenant-stores.ts';

export class CallerHashKeyMismatch extends Error {
  override readonly name = 'CallerHashKeyMismatch';
}

const check = z.object({ checkValue: z.string() });

/**
 * Compares the caller-hash keys with the one that a tenant's entries were first written under; notes it where none is noted yet.
 * That key must stay in the file, as a previous one after a rotation: entries under it are searched with it.
 * @throws CallerHashKeyMismatch: without that key its callers would not be found.
 */
export async function verifyCallerHashKey(stores: TenantStores): Promise<void> {
  const { store } = stores.master;
  const key = callerHashCheckKey(stores.tenant);
  const stored = await readJson(store, key, check);
  if (stored === null && (await createJson(store, key, { checkValue: stores.hashes.checkValue }))) return;
  const first = stored ?? (await readJson(store, key, check));
  if (first !== null && stores.hashes.isKnown(first.value.checkValue)) return;
  throw new CallerHashKeyMismatch(
    `tenant ${stores.tenant} was written under another caller-hash key: put that key into CALLER_HASH_KEY_FILE`,
  );
}
