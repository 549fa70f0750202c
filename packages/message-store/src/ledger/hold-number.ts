import { z } from 'zod';
import { erase, type NotErased } from '../erase.ts';
import { createJson, readJson } from '../json-document.ts';
import { holdNumberKey } from '../keys.ts';
import type { TenantStores } from '../tenant-stores.ts';

const holdNumberDocument = z.object({ holdId: z.string(), number: z.string() });

/** Keeps the number of a legal hold as it was sent: the one document beside the ledger that holds it. May be repeated. */
export async function keepHoldNumber(stores: TenantStores, holdId: string, number: string): Promise<void> {
  await createJson(stores.master.store, holdNumberKey(stores.tenant, holdId), { holdId, number });
}

/** The number of a legal hold; null where it is erased. */
export async function readHoldNumber(stores: TenantStores, holdId: string): Promise<string | null> {
  const stored = await readJson(stores.master.store, holdNumberKey(stores.tenant, holdId), holdNumberDocument);
  return stored?.value.number ?? null;
}

/** Erases the number of a legal hold. May be repeated. @returns what the store keeps of it all the same. */
export async function eraseHoldNumber({ tenant, master }: TenantStores, holdId: string): Promise<readonly NotErased[]> {
  return (await erase(master, 'numbers', holdNumberKey(tenant, holdId))).notErased;
}
