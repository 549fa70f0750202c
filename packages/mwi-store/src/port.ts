import type { CountEntry, Counts, MailboxKind, MailboxStatus } from '@voicemail/domain';

/** Which mailbox. */
export interface MailboxRef {
  readonly tenant: string;
  readonly mailbox: string;
}

/** A mailbox's settings as the counts need them, with the revision that decides which is newer. */
export interface MailboxFacts {
  /** The revision of the stored mailbox document; 0 for one that nobody provisioned. */
  readonly revision: number;
  readonly kind: MailboxKind;
  readonly users: readonly string[];
  readonly status: MailboxStatus;
  readonly maxMessages: number | null;
  readonly displayName: string | null;
}

/** What is known of a mailbox's lamp. */
export interface MwiSnapshot extends MailboxRef {
  readonly counts: Counts;
  readonly settings: MailboxFacts;
  /** Only grows for a mailbox. */
  readonly revision: number;
  /** The greatest revision that was published, 0 if none was. */
  readonly publishedRevision: number;
  /** ms since the epoch, when the counts were last changed. */
  readonly asOf: number;
  /** true: the counts are the last good ones and wait for a recount (unknown is never zero). */
  readonly stale: boolean;
}

/** What happened to a mailbox: message entries, its settings, or both, in any order; older than what is known changes nothing. */
export interface MwiChange {
  readonly entries: readonly CountEntry[];
  readonly settings?: MailboxFacts;
}

/**
 * The counts of mailboxes. Each call on a mailbox is atomic. A mailbox is `known` only after a recount; before, and after the store lost
 * what it held, facts change nothing, and a read says the last good counts with `stale`.
 */
export interface MwiStore {
  /**
   * Applies facts to a known mailbox. The revision moves only if the counts, the settings or `full` changed.
   * @returns null where the mailbox is unknown: nothing was changed, a recount is needed.
   */
  apply(ref: MailboxRef, change: MwiChange): Promise<MwiSnapshot | null>;
  /** Starts a recount by putting a token of its own where the mailbox's generation was; an earlier recount's token stands no more. */
  beginRecount(ref: MailboxRef): Promise<string>;
  /**
   * Ends a recount: merges what the stores say (the higher message revision wins; `gone` for what a key look-up showed to be gone)
   * and makes the mailbox known. `gone` with revision 0 says that nothing at all is under the key, not even a stub: that entry is
   * forgotten, so that neither a late fact nor a message that comes again under its id is judged by a revision which no longer counts.
   * @returns null where the token stands no more (a wipe or another recount came between): nothing was changed. `drift` is how many
   * messages were counted otherwise before.
   */
  mergeRecount(
    ref: MailboxRef,
    token: string,
    listing: MwiChange,
  ): Promise<{ readonly snapshot: MwiSnapshot; readonly drift: number } | null>;
  /** The entries known of a mailbox that are not gone, to be compared with a listing. */
  entries(ref: MailboxRef): Promise<readonly CountEntry[]>;
  /** Remembers that a revision was published, also of a mailbox that was lost since. Never goes back. @returns the greatest that was. */
  markPublished(ref: MailboxRef, revision: number): Promise<number>;
  /** null for a mailbox that was never counted. */
  read(ref: MailboxRef): Promise<MwiSnapshot | null>;
  /** A tenant's mailboxes that were counted once, in order of their numbers: those behind `after`, at most `limit`. */
  mailboxes(
    tenant: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly MwiSnapshot[]>;
  /** The mailboxes that a user sees, in order of their numbers. */
  mailboxesOfUser(tenant: string, user: string): Promise<readonly MwiSnapshot[]>;
  /**
   * Mailboxes that wait for a recount or hold a revision that was not published, at most `limit`. Those whose recount was begun
   * longest ago come first, so that one that cannot be recounted does not keep others waiting.
   */
  unsettled(limit: number): Promise<readonly MailboxRef[]>;
  /** Makes every mailbox of a tenant unknown, so that the projector recounts it; the last good counts stay readable. Returns how many. */
  invalidate(tenant: string): Promise<number>;
  /** Forgets `gone` entries that went before `beforeMs`. Returns how many. */
  purgeGone(beforeMs: number): Promise<number>;
  check(): Promise<void>;
  close(): Promise<void>;
}
