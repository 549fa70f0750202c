import { z } from 'zod';
import { count } from '../data/fields.ts';
import { mailboxSettings } from '../data/mailbox.ts';
import { MwiData } from '../data/mwi.ts';
import * as examples from './examples.ts';
import { listOf } from './lists.ts';

/** A mailbox's settings, replaced as a whole. */
export const MailboxBody = z
  .object({ ...mailboxSettings, status: mailboxSettings.status.default('active') })
  .meta({ id: 'MailboxSettings', examples: [examples.SETTINGS] });
export type MailboxBody = z.output<typeof MailboxBody>;

const stale = z.boolean().meta({ description: 'The last good counts, which cannot be confirmed now' });

/** A mailbox with its counts and settings. */
export const MailboxView = z
  .object({
    tenant: z.string(),
    mailbox: z.string(),
    counts: z
      .object({ new: count, old: count, urgentNew: count, urgentOld: count, stale })
      .nullable()
      .meta({ description: 'null where they were never counted: unknown is not zero' }),
    settings: z.object(mailboxSettings).nullable().meta({ description: 'null for a mailbox that nobody provisioned' }),
  })
  .meta({ id: 'Mailbox', examples: [examples.MAILBOX] });
export type MailboxView = z.output<typeof MailboxView>;

export const MailboxList = listOf(MailboxView);
export type MailboxList = z.output<typeof MailboxList>;

/** A mailbox's lamp: the data of its last `voicemail.mwi` record. */
export const MwiView = MwiData.extend({ stale }).meta({ id: 'Mwi', examples: [examples.MWI] });
export type MwiView = z.output<typeof MwiView>;

/** The lamps of every mailbox that a user has, personally or as a member of a group. */
export const UserMwiView = z
  .object({
    user: z.string(),
    accessNumber: z.string().meta({ description: 'What the user dials to listen' }),
    mailboxes: z.array(MwiView),
  })
  .meta({ id: 'UserMwi', examples: [{ user: 'agent-1', accessNumber: '5555', mailboxes: [examples.MWI] }] });
export type UserMwiView = z.output<typeof UserMwiView>;
