import type { LedgerEntry } from '@voicemail/domain';
import type { Ledger } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import { backoffMs } from '@voicemail/runtime';
import type { GdprContext } from './context.ts';
import { APPEND_PAUSE, MAX_APPEND_ATTEMPTS } from './limits.ts';

/**
 * Appends an entry to the ledger, after whatever others append meanwhile.
 * @param look at what stands there before the entry. @returns what it saw last.
 * @throws StoreError where the ledger cannot be written.
 */
export function appendEntry<T>(
  { clock, ids }: Pick<GdprContext, 'clock' | 'ids'>,
  ledger: Ledger,
  entry: LedgerEntry,
  look: () => T,
): Promise<T> {
  return ledger.inTurn(async () => {
    for (let attempt = 1; attempt <= MAX_APPEND_ATTEMPTS; attempt += 1) {
      const before = look();
      if (await ledger.append(entry)) return before;
      // One entry that came first is no crowd.
      if (attempt > 1) await clock.sleep(Math.ceil(backoffMs(attempt, APPEND_PAUSE, () => ids.random())));
    }
    throw new StoreError('busy', 'put', null, `others appended to the ledger first ${MAX_APPEND_ATTEMPTS} times`);
  });
}
