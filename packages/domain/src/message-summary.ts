import type { Counts } from './counts.ts';

/**
 * The body of a message-summary NOTIFY (RFC 3842 §5.2), lines ended by CRLF.
 * @param sipDomain the tenant's; without one there is no `Message-Account`, which must be a URI.
 */
export function messageSummary(mailbox: string, counts: Counts, sipDomain: string | null): string {
  const waiting = counts.new > 0 ? 'yes' : 'no';
  const account = sipDomain === null ? '' : `Message-Account: sip:${mailbox}@${sipDomain}\r\n`;
  return `Messages-Waiting: ${waiting}\r\n${account}Voice-Message: ${counts.new}/${counts.old} (${counts.urgentNew}/${counts.urgentOld})\r\n`;
}
