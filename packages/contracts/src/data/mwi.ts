import { z } from 'zod';
import { count, mailbox, mailboxKind, revision, tenant, time, users } from './fields.ts';

/** The data of `voicemail.mwi.v1`: a mailbox's whole state, never a difference (CONTRACT section 3). */
export const MwiData = z.object({
  tenant,
  mailbox,
  kind: mailboxKind,
  users,
  messagesWaiting: z.boolean(),
  new: count,
  old: count,
  urgentNew: count.meta({ description: 'Part of new' }),
  urgentOld: count.meta({ description: 'Part of old' }),
  revision: revision.meta({ description: 'Only grows for a mailbox: drop what is not newer' }),
  asOf: time,
  full: z.boolean().meta({ description: 'The mailbox holds maxMessages or more' }),
  messageSummary: z.string().max(1024).meta({ description: 'Body of a message-summary NOTIFY (RFC 3842)' }),
});
export type MwiData = z.output<typeof MwiData>;
