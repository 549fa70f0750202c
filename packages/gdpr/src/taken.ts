import type { GdprRequestData } from '@voicemail/contracts';
import { earlier, type Taken } from '@voicemail/domain';
import { callerKey, type TenantStores } from '@voicemail/message-store';
import { DEADLINE_MS } from './limits.ts';

/**
 * A request as the ledger takes it in, and the numbers of its callers in their order, as they were sent.
 * @param takenAt when the log took it. @param at now. Both RFC 3339.
 */
export function takenOf(
  stores: TenantStores,
  { requestId, operation, consumers, requestedAt }: GdprRequestData,
  { takenAt, at }: { readonly takenAt: string; readonly at: string },
): { readonly entry: Taken; readonly numbers: readonly string[] } {
  const known = consumers.flatMap(({ phone }) => {
    const key = callerKey(stores, phone);
    return key === null ? [] : [{ phone, key }];
  });
  return {
    entry: {
      kind: 'taken',
      requestId,
      at,
      operation,
      callers: known.map(({ key }) => key),
      cutoff: earlier(requestedAt, takenAt),
      deadlineAt: new Date(Date.parse(takenAt) + DEADLINE_MS).toISOString(),
    },
    numbers: known.map(({ phone }) => phone),
  };
}
