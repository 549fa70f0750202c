import { z } from 'zod';
import { mailbox, messageId, tenant, time, user } from './fields.ts';

const shared = { tenant, mailbox, messageId, actor: user.exactOptional(), at: time };

/** What every action holds; used to find the other faults where `action` itself is at fault. */
export const AnyMessageAction = z.object(shared);

/** The data of `voicemail.message-action.v1` (CONTRACT section 3). */
export const MessageActionData = z.discriminatedUnion('action', [
  z.object({ ...shared, action: z.enum(['read', 'unread']) }),
  z.object({ ...shared, action: z.literal('delete') }),
  z.object({ ...shared, action: z.literal('forward'), toMailbox: mailbox }),
]);
export type MessageActionData = z.output<typeof MessageActionData>;
