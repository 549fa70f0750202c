import type { LedgerEntry } from '@voicemail/domain';
import type { Ledger } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import { MAX_APPEND_ATTEMPTS } from './limits.ts';

/**
 * Appends an entry to the ledger, after whatever others append meanwhile.
 * @param look at what stands there before the entry. @returns what it saw last.
 * @throws StoreError where the ledger cannot be written.
 */
export async function appendEntry<T>(ledger: Ledger, entry: LedgerEntry, look: () => T): Promise<T> {
  for (let attempt = 0; attempt < MAX_APPEND_ATTEMPTS; attempt += 1) {
    const before = look();
    if (await ledger.append(entry)) return before;
  }
  throw new StoreError('busy', 'put', null, `others appended to the ledger first ${MAX_APPEND_ATTEMPTS} times`);
}
