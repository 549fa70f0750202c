import type { HoldState, HoldSubject } from '@voicemail/domain';
import { callerKey, keepHoldNumber, type TenantStores } from '@voicemail/message-store';
import { appendEntry } from './append-entry.ts';
import { nowText, type GdprContext } from './context.ts';

type Context = Pick<GdprContext, 'ledgers' | 'clock' | 'ids'>;

/** A legal hold as it is asked for. */
export interface HoldWish {
  /** A caller by a number in any notation, or a message; it need not be there yet. */
  readonly on: { readonly phone: string } | { readonly mailbox: string; readonly messageId: string };
  readonly reason: string;
  /** RFC 3339; null: until it is released. */
  readonly until: string | null;
}

/**
 * Places a legal hold: it is in force in this process when it resolves, and in every other as soon as that looks at the ledger again. The number
 * comes into its document after the entry: no number lies there without a hold.
 * @throws StoreError where the master region cannot be reached; the hold may be in force all the same. RangeError for an anonymous caller.
 */
export async function placeHold(context: Context, stores: TenantStores, wish: HoldWish): Promise<HoldState> {
  const ledger = context.ledgers(stores);
  await ledger.refresh();
  const holdId = `hold-${context.ids.uuid()}`;
  const { on, reason, until } = wish;
  const entry = {
    kind: 'hold-placed',
    holdId,
    at: nowText(context),
    subject: subjectOf(stores, on),
    reason,
    until,
  } as const;
  await appendEntry(context, ledger, entry, () => undefined);
  if ('phone' in on) await keepHoldNumber(stores, holdId, on.phone);
  const placed = ledger.state.holds.all.get(holdId);
  if (placed === undefined) throw new TypeError('a hold that was placed is not there');
  return placed;
}

/** Ends a legal hold. false: there is none, or it was released before. @throws StoreError where the master region cannot be reached. */
export async function releaseHold(context: Context, stores: TenantStores, holdId: string): Promise<boolean> {
  const ledger = context.ledgers(stores);
  const { holds } = await ledger.refresh();
  const isThere = (): boolean => holds.all.get(holdId)?.releasedAt === null;
  if (!isThere()) return false;
  return appendEntry(context, ledger, { kind: 'hold-released', holdId, at: nowText(context) }, isThere);
}

function subjectOf(stores: TenantStores, on: HoldWish['on']): HoldSubject {
  if (!('phone' in on)) return { kind: 'message', mailbox: on.mailbox, messageId: on.messageId };
  const key = callerKey(stores, on.phone);
  if (key === null) throw new RangeError('an anonymous caller cannot be held: nobody knows which calls are theirs');
  return { kind: 'caller', ...key };
}
