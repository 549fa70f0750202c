export type MailboxKind = 'personal' | 'group';
export type MailboxStatus = 'active' | 'locked';

/** A mailbox as its last event says (CONTRACT section 3). */
export interface MailboxSettings {
  readonly kind: MailboxKind;
  readonly owner?: string;
  readonly members?: readonly string[];
  readonly displayName?: string;
  /** Reported as `full`, never enforced by losing a message. */
  readonly maxMessages?: number;
  readonly retentionDays?: number;
  readonly status: MailboxStatus;
}

/** Where a mailbox event stands among the others of its mailbox: the later by (`time`, `id`) wins. */
export interface MailboxEventOrder {
  /** RFC 3339. */
  readonly time: string;
  readonly id: string;
}

/** What is stored of a mailbox: its settings, or the stub of a removed one (`settings: null`), which keeps an older event from reviving it. */
export interface MailboxDocument {
  readonly tenant: string;
  readonly mailbox: string;
  readonly settings: MailboxSettings | null;
  /** 1 at first, one more with every event that took effect. */
  readonly revision: number;
  readonly lastEvent: MailboxEventOrder;
}

/** A mailbox that nobody provisioned: personal, without an owner. */
export const UNPROVISIONED: MailboxSettings = { kind: 'personal', status: 'active' };

/** Who sees a mailbox's lamp: the owner of a personal one, the members of a group. Each once, sorted. */
export function mailboxUsers(settings: MailboxSettings): readonly string[] {
  const users =
    settings.kind === 'group' ? (settings.members ?? []) : settings.owner === undefined ? [] : [settings.owner];
  return [...new Set(users)].toSorted();
}

function isLaterEvent(a: MailboxEventOrder, b: MailboxEventOrder): boolean {
  const difference = Date.parse(a.time) - Date.parse(b.time);
  return difference > 0 || (difference === 0 && a.id > b.id);
}

/** What a mailbox event makes of what is stored, or null where a later event (or the same) is there already. */
export function applyMailboxEvent(
  stored: MailboxDocument | null,
  event: {
    readonly tenant: string;
    readonly mailbox: string;
    readonly settings: MailboxSettings | null;
    readonly order: MailboxEventOrder;
  },
): MailboxDocument | null {
  if (stored !== null && !isLaterEvent(event.order, stored.lastEvent)) return null;
  return {
    tenant: event.tenant,
    mailbox: event.mailbox,
    settings: event.settings,
    revision: (stored?.revision ?? 0) + 1,
    lastEvent: event.order,
  };
}
