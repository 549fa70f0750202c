import { mailboxKey } from '@voicemail/domain';
import type { MailboxRef } from '../port.ts';

/** Mailboxes that wait for a recount or a publication, as `<tenant>/<mailbox>`. */
export const UNSETTLED_KEY = 'mwi:unsettled';

/** Written to show that it can be. */
export const CHECK_KEY = 'mwi:check';

/**
 * What is kept of a mailbox, in one hash slot: the counts (CONTRACT section 4), what the projector remembers, the entries.
 * `commands/mailbox.lua` says what stands in each.
 */
export function mailboxKeys({ tenant, mailbox }: MailboxRef): readonly [string, string, string] {
  const counts = `mwi:{${mailboxKey(tenant, mailbox)}}`;
  return [counts, `${counts}:state`, `${counts}:entries`];
}

/** A tenant's mailboxes, and those of its users. */
export const indexKey = (tenant: string): string => `mwi:{${tenant}}:index`;

/** A pattern for every key of a mailbox, of one tenant or of all. An id has no character that would mean more in it than itself. */
export const mailboxPattern = (tenant = '*'): string => `mwi:{${tenant}/*}*`;

/** Whose key it is; null for one that is no mailbox's. */
export function mailboxOfKey(key: string): MailboxRef | null {
  const [, name] = /^mwi:\{([^{}]+)\}/.exec(key) ?? [];
  return name === undefined ? null : refOf(name);
}

/** The mailbox behind `<tenant>/<mailbox>`; null where it is none. */
export function refOf(name: string): MailboxRef | null {
  const slash = name.indexOf('/');
  return slash < 0 ? null : { tenant: name.slice(0, slash), mailbox: name.slice(slash + 1) };
}
