import type { MailboxSettings } from '@voicemail/domain';
import { z } from 'zod';
import {
  displayName,
  mailbox,
  mailboxKind,
  mailboxStatus,
  maxMessages,
  retentionDays,
  tenant,
  user,
  users,
} from './fields.ts';

/** The settings of a mailbox (CONTRACT section 3). */
export const mailboxSettings = {
  kind: mailboxKind,
  owner: user.exactOptional(),
  members: users.exactOptional(),
  displayName: displayName.exactOptional(),
  maxMessages: maxMessages.exactOptional(),
  retentionDays: retentionDays.exactOptional(),
  status: mailboxStatus.default('active'),
};

/** The data of `voicemail.mailbox.v1`; a null value in place of the event removes the mailbox. */
export const MailboxData = z.object({ tenant, mailbox, ...mailboxSettings });
export type MailboxData = z.output<typeof MailboxData>;

/** What names a mailbox that a tombstone removes. */
export const MailboxName = z.object({ tenant, mailbox });

/** A mailbox event as it was read: the settings, or null where it removes the mailbox. */
export interface MailboxChange {
  readonly tenant: string;
  readonly mailbox: string;
  readonly settings: MailboxSettings | null;
}

export function mailboxChangeOf({ tenant: id, mailbox: number, ...settings }: MailboxData): MailboxChange {
  return { tenant: id, mailbox: number, settings };
}
