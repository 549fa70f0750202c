import { z } from 'zod';
import {
  displayName,
  mailbox,
  mailboxKind,
  mailboxStatus,
  maxMessages,
  messageId,
  messageState,
  revision,
  tenant,
  time,
  users,
} from './fields.ts';

/** What has happened to a message. It carries no caller id. */
export const MessageChangedData = z.object({
  tenant,
  mailbox,
  messageId,
  change: z.enum(['deposited', 'read', 'unread', 'forwarded', 'forget-marked', 'forget-unmarked', 'deleted']),
  state: z.enum([...messageState.options, 'gone']),
  urgent: z.boolean(),
  revision: revision.meta({ description: "The message's revision; of two facts the higher one is newer" }),
  at: time,
  reason: z.enum(['user', 'forgetme', 'retention']).exactOptional(),
});
export type MessageChangedData = z.output<typeof MessageChangedData>;

/** What has happened to a mailbox: its settings as the counts need them, the users in place of owner and members. */
export const MailboxChangedData = z.object({
  tenant,
  mailbox,
  change: z.literal('mailbox-changed'),
  kind: mailboxKind,
  users,
  status: mailboxStatus,
  maxMessages: maxMessages.nullable().default(null),
  displayName: displayName.nullable().default(null),
  revision: revision.meta({ description: "The mailbox's revision, not that of a message" }),
  at: time,
});
export type MailboxChangedData = z.output<typeof MailboxChangedData>;

/** The data of `voicemail.message.v1` (CONTRACT section 3). */
export const MessageFactData = z.discriminatedUnion('change', [MessageChangedData, MailboxChangedData]);
/** What is written: fields with a default may be left out. */
export type MessageFactInput = z.input<typeof MessageFactData>;
export type MessageFactData = z.output<typeof MessageFactData>;
