import type { LedgerEntry } from '@voicemail/domain';
import { callerKey, createLedgers, type TenantStores } from '@voicemail/message-store';
import { systemClock } from '@voicemail/runtime';
import { ledgerEntryKey } from '../../../packages/message-store/src/keys.ts';
import { callerNumber } from '../load/deposits.ts';
import { storePlacer } from '../stored/place-object.ts';

/** Beyond every caller of a load: nobody who deposits is forgotten. */
const FIRST = 5_000_000;
const DAY_MS = 86_400_000;

/** Erased requests in a tenant's ledger. */
export interface ForgottenCallers {
  readonly requests: number;
  readonly callersOfEach: number;
}

/**
 * Has the ledger of a volume tell of requests whose callers are erased, entry by entry as the work on them writes it.
 * @throws Error when the ledger's own code does not read them so.
 */
export async function placeForgotten(stores: TenantStores, root: string, forgotten: ForgottenCallers): Promise<void> {
  const { requests, callersOfEach } = forgotten;
  const at = Date.now();
  const placer = storePlacer(root);
  let number = 0;
  for (let request = 0; request < requests; request += 1) {
    const numbers = Array.from({ length: callersOfEach }, (_, index) =>
      callerNumber(FIRST + request * callersOfEach + index),
    );
    for (const entry of erased(stores, `erased-${request}`, numbers, at)) {
      number += 1;
      const [key, body] = [ledgerEntryKey(stores.tenant, number), Buffer.from(JSON.stringify(entry))];
      placer.place({ key, body, contentType: 'application/json', tags: {} }, at);
    }
  }
  const read = await createLedgers(systemClock())(stores).refresh();
  const erasedRequests = read.requests.values().filter(({ phase }) => phase === 'erased');
  if (erasedRequests.toArray().length !== requests) throw new Error('requests were placed, and are not erased');
}

/** What a forget writes from its intake to its end, where nothing of its callers is stored. */
function erased(stores: TenantStores, requestId: string, numbers: readonly string[], atMs: number): LedgerEntry[] {
  const at = new Date(atMs).toISOString();
  const of = { requestId, at };
  const callers = numbers.map((number) => callerKey(stores, number)).filter((key) => key !== null);
  const deadlineAt = new Date(atMs + 25 * DAY_MS).toISOString();
  return [
    { kind: 'taken', ...of, operation: 'forgetme', callers, cutoff: at, deadlineAt },
    { kind: 'began', ...of, regions: [stores.master.name] },
    { kind: 'marked', ...of, found: callers.map(() => ({ messages: 0, deadLetters: 0 })) },
    { kind: 'erasing', ...of },
    { kind: 'erased', ...of },
    { kind: 'numbers-erased', ...of },
  ];
}
