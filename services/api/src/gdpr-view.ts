import type { GdprRequestView } from '@voicemail/contracts';
import type { RequestState } from '@voicemail/domain';
import { statusOf } from '@voicemail/gdpr';
import { readNumbers, type TenantStores } from '@voicemail/message-store';

/** A request's own address, and that of its package where there is one. */
const linksOf = ({ requestId, phase, hasNumbers }: RequestState): GdprRequestView['links'] => ({
  self: requestPath(requestId),
  ...(phase === 'exported' && hasNumbers ? { export: `${requestPath(requestId)}/export` } : {}),
});

export const requestPath = (requestId: string): string => `/v1/gdpr/requests/${requestId}`;

/** A request as its caller sees it: numbers as they were sent, `caller-1` and so on where they are erased. */
export async function gdprView(stores: TenantStores, request: RequestState): Promise<GdprRequestView> {
  return viewOf(stores.tenant, request, request.hasNumbers ? await readNumbers(stores, request.requestId) : null);
}

/** @param numbers of its callers, in their order; null where one is erased, or all of them are. */
export function viewOf(
  tenant: string,
  request: RequestState,
  numbers: readonly (string | null)[] | null,
): GdprRequestView {
  const { requestId, operation, cutoff, takenAt, updatedAt, markedAt, deadlineAt, repeats, reason } = request;
  const found = request.callers.map((caller) => caller.found);
  return {
    requestId,
    tenant,
    operation,
    status: statusOf(request),
    callers: Object.fromEntries(
      found.map((counts, index) => [numbers?.[index] ?? `caller-${index + 1}`, { messages: counts?.messages ?? null }]),
    ),
    ...(repeats === null ? {} : { repeats }),
    ...(request.phase === 'held' ? { heldUntil: request.heldUntil } : {}),
    ...(reason === null ? {} : { reason }),
    cutoff,
    takenAt,
    updatedAt,
    ...(markedAt === null ? {} : { markedAt }),
    deadlineAt,
    deadLetters:
      found.length > 0 && found.every((counts) => counts === null)
        ? null
        : found.reduce((sum, counts) => sum + (counts?.deadLetters ?? 0), 0),
    regions: [...request.regions],
    waitsFor: [...request.waitsFor],
    attempts: request.attempts,
    steps: request.steps.map((step) => ({ ...step })),
    links: linksOf(request),
  };
}
