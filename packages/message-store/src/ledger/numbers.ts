import { z } from 'zod';
import { erase, erasePast, type NotErased } from '../erase.ts';
import { createJson, readJson, untilWon, won, writeJson } from '../json-document.ts';
import { numbersKey } from '../keys.ts';
import type { TenantStores } from '../tenant-stores.ts';

const numbersDocument = z.object({
  requestId: z.string(),
  /** As sent, in the order of the ledger's callers; null where the caller is erased. */
  numbers: z.array(z.string().nullable()),
});

/** Keeps the numbers of a request as they were sent: the one document beside the ledger that holds them. May be repeated. */
export async function keepNumbers(stores: TenantStores, requestId: string, numbers: readonly string[]): Promise<void> {
  await createJson(stores.master.store, numbersKey(stores.tenant, requestId), { requestId, numbers });
}

/** The numbers of a request; null for each that is erased. null where all are. */
export async function readNumbers(stores: TenantStores, requestId: string): Promise<readonly (string | null)[] | null> {
  const stored = await readJson(stores.master.store, numbersKey(stores.tenant, requestId), numbersDocument);
  return stored?.value.numbers ?? null;
}

/**
 * Takes some numbers out of a request's document, and the document away with the last one. May be repeated.
 * @param indexes of the callers. @returns whether the document is gone, and what the store keeps of it all the same.
 */
export async function eraseNumbers(
  stores: TenantStores,
  requestId: string,
  indexes: ReadonlySet<number>,
): Promise<{ readonly isGone: boolean; readonly notErased: readonly NotErased[] }> {
  const { master } = stores;
  const key = numbersKey(stores.tenant, requestId);
  const left = await untilWon<{ readonly isEmpty: boolean }>(key, async () => {
    const stored = await readJson(master.store, key, numbersDocument);
    if (stored === null) return { isEmpty: true };
    const numbers = stored.value.numbers.map((number, index) => (indexes.has(index) ? null : number));
    if (numbers.every((number) => number === null)) return { isEmpty: true };
    if (numbers.every((number, index) => number === stored.value.numbers[index])) return { isEmpty: false };
    const isWritten = await won(writeJson(master.store, key, { requestId, numbers }, { etag: stored.etag }));
    return isWritten ? { isEmpty: false } : undefined;
  });
  if (left.isEmpty) return { isGone: true, notErased: (await erase(master, 'numbers', key)).notErased };
  return { isGone: false, notErased: await erasePast(master, 'numbers', key) };
}
