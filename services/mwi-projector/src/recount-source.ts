import type { CountEntry } from '@voicemail/domain';
import type { MailboxFacts } from '@voicemail/mwi-store';

/** What the projector reads of the stores, which are the truth that counts are rebuilt from. Reads must see every write that was acknowledged before. */
export interface RecountSource {
  /** The tenant's mailboxes that hold settings or ever held a message, in any order. */
  listMailboxes(tenant: string): AsyncIterable<string>;
  /** A mailbox's messages that are not deleted. */
  listMessages(tenant: string, mailbox: string): AsyncIterable<CountEntry>;
  /** What is under one message's key: the message; `gone` with the stub's revision; `gone` with revision 0 where there is nothing at all. */
  readEntry(tenant: string, mailbox: string, messageId: string): Promise<CountEntry>;
  /** null for a mailbox that nobody provisioned. */
  mailboxFacts(tenant: string, mailbox: string): Promise<MailboxFacts | null>;
}

/** A tenant that the projector serves, suspended or not: its messages are counted either way. */
export interface ProjectedTenant {
  readonly tenantId: string;
  /** null: message summaries name no account. */
  readonly sipDomain: string | null;
  /** A pass of the reconciler over its mailboxes begins no sooner than this after the one before; `limits.passIntervalMs` unless told. */
  readonly passIntervalMs?: number;
}
