import { messageSummary, type Counts, type MailboxKind } from '@voicemail/domain';
import { isFull } from './lamp.ts';
import type { MailboxRef, MwiSnapshot } from './port.ts';

/** A mailbox's whole state as `voicemail.mwi` and the API have it (CONTRACT section 3). */
export interface MwiDocument extends MailboxRef, Counts {
  readonly kind: MailboxKind;
  readonly users: string[];
  readonly messagesWaiting: boolean;
  readonly revision: number;
  /** RFC 3339. */
  readonly asOf: string;
  readonly full: boolean;
  /** The body of a message-summary NOTIFY. */
  readonly messageSummary: string;
}

/** @param sipDomain the tenant's; null: the message summary names no account. */
export function mwiData(snapshot: MwiSnapshot, sipDomain: string | null): MwiDocument {
  const { tenant, mailbox, counts, settings, revision, asOf } = snapshot;
  return {
    tenant,
    mailbox,
    kind: settings.kind,
    users: [...settings.users],
    messagesWaiting: counts.new > 0,
    ...counts,
    revision,
    asOf: new Date(asOf).toISOString(),
    full: isFull(counts, settings),
    messageSummary: messageSummary(mailbox, counts, sipDomain),
  };
}
