import type { GdprRequestData } from '@voicemail/contracts';
import { earlier, type CallerKey } from '@voicemail/domain';
import { callerKey, keepNumbers, type TenantStores } from '@voicemail/message-store';
import { nowText, type GdprContext } from './context.ts';
import { DEADLINE_MS } from './limits.ts';
import { tell } from './tell.ts';

/**
 * Takes a request in: its numbers into their document, then its place in the tenant's order. May be repeated: the same id is one request.
 * @param takenAt RFC 3339: when the log took it.
 * @throws StoreError where the master region cannot be reached.
 */
export async function takeRequest(
  context: GdprContext,
  stores: TenantStores,
  { requestId, operation, consumers, requestedAt }: GdprRequestData,
  takenAt: string,
): Promise<void> {
  const ledger = context.ledgers(stores);
  const { requests } = await ledger.refresh();
  if (requests.has(requestId)) return;
  const known = consumers.flatMap(({ phone }) => {
    const key = callerKey(stores, phone);
    return key === null ? [] : [{ phone, key }];
  });
  const callers: readonly CallerKey[] = known.map(({ key }) => key);
  await keepNumbers(
    stores,
    requestId,
    known.map(({ phone }) => phone),
  );
  const at = nowText(context);
  await tell(
    context,
    { ledger, tenant: stores.tenant },
    {
      kind: 'taken',
      requestId,
      at,
      operation,
      callers,
      cutoff: earlier(requestedAt, takenAt),
      deadlineAt: new Date(Date.parse(takenAt) + DEADLINE_MS).toISOString(),
    },
  );
}
