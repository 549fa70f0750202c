import type { HoldView } from '@voicemail/contracts';
import { isHoldInForce, type HoldState } from '@voicemail/domain';
import { readHoldNumber, type TenantStores } from '@voicemail/message-store';

export const holdPath = (holdId: string): string => `/v1/holds/${holdId}`;

/** What stands in place of a number that is erased: a hold is on one caller. */
const ERASED_NUMBER = 'caller-1';

/** A legal hold as its caller sees it: with the number as it was sent, as long as that is kept. @param nowMs since the epoch. */
export async function holdView(stores: TenantStores, hold: HoldState, nowMs: number): Promise<HoldView> {
  const { holdId, subject, reason, until, placedAt } = hold;
  const number = hold.hasNumber ? await readHoldNumber(stores, holdId) : null;
  return {
    id: holdId,
    tenant: stores.tenant,
    ...(subject.kind === 'caller'
      ? { phone: number ?? ERASED_NUMBER }
      : { mailbox: subject.mailbox, messageId: subject.messageId }),
    reason,
    until,
    placedAt,
    inForce: isHoldInForce(hold, nowMs),
    links: { self: holdPath(holdId) },
  };
}
