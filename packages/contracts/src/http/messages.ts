import { z } from 'zod';
import { mailbox, messageState, priority } from '../data/fields.ts';
import * as examples from './examples.ts';
import { listOf } from './lists.ts';

/** A message: the fields of its `metadata.json` (CONTRACT section 4). */
export const MessageView = z
  .object({
    tenant: z.string(),
    mailbox: z.string(),
    messageId: z.string(),
    callerId: z.string().nullable().meta({ description: 'As received; null for an anonymous caller' }),
    state: messageState,
    priority,
    private: z.boolean(),
    durationMs: z.int().nullable(),
    depositedAt: z.string(),
    time: z.string().meta({ description: 'The earlier of depositedAt and when the log took the deposit' }),
    region: z.string().meta({ description: 'The region that holds the recording' }),
    media: z.object({
      key: z.string(),
      contentType: z.string(),
      size: z.int().meta({ description: 'Bytes' }),
      sha256: z.string(),
    }),
    revision: z.int(),
    modifiedAt: z.string(),
    lastAction: z.object({ at: z.string(), id: z.string() }).optional(),
    forwardedFrom: z.object({ mailbox: z.string(), messageId: z.string() }).optional(),
    forgetMarkedAt: z.string().optional(),
    forgetRequestIds: z.array(z.string()).optional(),
  })
  .meta({ id: 'Message', examples: [examples.MESSAGE] });
export type MessageView = z.output<typeof MessageView>;

export const MessageList = listOf(MessageView);
export type MessageList = z.output<typeof MessageList>;

/** The merge patch (RFC 7396) of a message: whether it was listened to. */
export const PatchMessage = z
  .object({ state: z.enum(['read', 'unread']) })
  .meta({ id: 'MessagePatch', examples: [{ state: 'read' }] });
export type PatchMessage = z.output<typeof PatchMessage>;

export const ForwardBody = z.object({ toMailbox: mailbox }).meta({ id: 'Forward', examples: [{ toMailbox: '42' }] });
export type ForwardBody = z.output<typeof ForwardBody>;
