import { canonicalCallerId } from '@voicemail/domain';
import { z } from 'zod';
import { callerId, mailbox, messageId, tenant, time } from '../data/fields.ts';
import * as examples from './examples.ts';
import { listOf } from './lists.ts';

const MAX_REASON_CHARS = 1024;
/** Whether a number is anonymous is the same in every country. */
const NO_COUNTRY = '';

/** The body that places a legal hold. */
export const HoldBody = z
  .object({
    phone: callerId
      .refine((phone) => canonicalCallerId(phone, NO_COUNTRY) !== null, 'must be the number of a caller')
      .exactOptional()
      .meta({ description: 'Holds all of a caller, in any notation of the number; what comes later too' }),
    mailbox: mailbox.exactOptional().meta({ description: 'Of the one message that is held' }),
    messageId: messageId
      .exactOptional()
      .meta({ description: 'Of the one message that is held; it need not be there yet' }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(MAX_REASON_CHARS)
      .meta({ description: 'Such as the number of a case. It is kept for good: no names, no phone numbers' }),
    until: time
      .nullable()
      .default(null)
      .meta({ description: 'When it ends by itself, a time to come; null: when it is released' }),
  })
  .refine(namesOneThing, {
    error: 'must have either phone, or mailbox and messageId',
    when: ({ value }) => typeof value === 'object' && value !== null,
  });
export type HoldBody = z.output<typeof HoldBody>;

function namesOneThing(body: Partial<Record<'phone' | 'mailbox' | 'messageId', unknown>>): boolean {
  const [byPhone, byMailbox, byMessage] = [body.phone, body.mailbox, body.messageId].map((one) => one !== undefined);
  return byPhone === true ? !byMailbox && !byMessage : byMailbox === true && byMessage === true;
}

/** A legal hold that was not released. */
export const HoldView = z
  .object({
    id: z.string(),
    tenant,
    phone: z.string().optional().meta({ description: 'As it was sent; "caller-1" once it is erased' }),
    mailbox: z.string().optional(),
    messageId: z.string().optional(),
    reason: z.string(),
    until: z.string().nullable().meta({ description: 'null: until it is released' }),
    placedAt: z.string(),
    inForce: z.boolean().meta({ description: 'false: its time is over' }),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Hold', examples: [examples.HOLD] });
export type HoldView = z.output<typeof HoldView>;

export const HoldList = listOf(HoldView);
