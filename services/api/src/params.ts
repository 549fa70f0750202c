import { isMessageId, MAILBOX_PATTERN, MESSAGE_ID_PATTERN } from '@voicemail/domain';
import { z } from 'zod';

/** What stands in a path: checked before anything is looked up by it. */
export const MailboxParams = z.object({
  mailbox: z.string().regex(MAILBOX_PATTERN, 'must be a mailbox: a positive whole number of at most 32 digits'),
});
export const MessageParams = MailboxParams.extend({
  messageId: z
    .string()
    .regex(MESSAGE_ID_PATTERN, 'must be a message id: 1 to 128 letters, digits, ".", "_" or "-"')
    .refine((id) => isMessageId(id), 'must not be "." or ".."'),
});
export const HoldParams = z.object({
  holdId: z.string().regex(MESSAGE_ID_PATTERN, 'must be the id of a hold: 1 to 128 letters, digits, ".", "_" or "-"'),
});
export const GdprRequestParams = z.object({
  requestId: z
    .string()
    .regex(MESSAGE_ID_PATTERN, 'must be the id of a request: 1 to 128 letters, digits, ".", "_" or "-"'),
});
