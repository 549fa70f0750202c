import type { GdprRequestData } from '@voicemail/contracts';
import { keepNumbers, type TenantStores } from '@voicemail/message-store';
import { nowText, type GdprContext } from './context.ts';
import { takenOf } from './taken.ts';
import { tell } from './tell.ts';

/**
 * Takes a request in: its numbers into their document, then its place in the tenant's order. May be repeated: the same id is one request.
 * @param takenAt RFC 3339: when the log took it.
 * @throws StoreError where the master region cannot be reached.
 */
export async function takeRequest(
  context: GdprContext,
  stores: TenantStores,
  request: GdprRequestData,
  takenAt: string,
): Promise<void> {
  const ledger = context.ledgers(stores);
  const { requestId } = request;
  const { requests } = await ledger.refresh();
  if (requests.has(requestId)) return;
  const { entry, numbers } = takenOf(stores, request, { takenAt, at: nowText(context) });
  await keepNumbers(stores, requestId, numbers);
  await tell(context, { ledger, tenant: stores.tenant }, entry);
}
