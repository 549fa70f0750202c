import { z } from 'zod';
import type { Deposit, DepositMedia } from './deposit.ts';
import { callerId, durationMs, mailbox, mediaType, messageId, priority, region, tenant, time } from './fields.ts';
import { holdsText } from './holds-text.ts';
import { isStagedKeyOf, STAGED_KEY_RULE, stagedKey } from './staged-key.ts';

const wholeMs = z
  .string()
  .refine(
    (text) => /^[0-9]{1,16}$/.test(text) && durationMs.safeParse(Number(text)).success,
    `must be a whole number of milliseconds, at most ${durationMs.maxValue}`,
  );

/** A deposit whose data is the recording itself: what else it says is in its attributes (CONTRACT section 3, binary mode). */
export const DepositAttributes = z.object({
  id: messageId,
  time: time.meta({ description: 'depositedAt' }),
  datacontenttype: mediaType,
  tenant,
  mailbox,
  callerid: callerId.optional(),
  region,
  priority: priority.default('normal'),
  private: z.enum(['true', 'false']).default('false'),
  durationms: wholeMs.optional(),
  dataref: stagedKey.optional(),
});
type DepositAttributes = z.output<typeof DepositAttributes>;

/** The same, with the rule for staged keys, checked beside other faults. */
export const CheckedDepositAttributes = DepositAttributes.refine(
  ({ tenant: id, dataref }) => dataref === undefined || isStagedKeyOf(id, dataref),
  {
    path: ['dataref'],
    error: STAGED_KEY_RULE,
    when: ({ value }) => holdsText(value, 'tenant') && holdsText(value, 'dataref'),
  },
);

/** A deposit of checked attributes and its recording. */
export function binaryDepositOf(attributes: DepositAttributes, recording: Uint8Array | undefined): Deposit {
  return {
    tenant: attributes.tenant,
    mailbox: attributes.mailbox,
    messageId: attributes.id,
    callerId: attributes.callerid ?? null,
    region: attributes.region,
    depositedAt: attributes.time,
    priority: attributes.priority,
    private: attributes.private === 'true',
    durationMs: attributes.durationms === undefined ? null : Number(attributes.durationms),
    media: mediaOf(attributes, recording),
  };
}

function mediaOf({ datacontenttype, dataref }: DepositAttributes, recording: Uint8Array | undefined): DepositMedia {
  if (dataref !== undefined) return { contentType: datacontenttype, stagedKey: dataref };
  if (recording === undefined) throw new TypeError('a checked deposit has a recording or names a staged one');
  return { contentType: datacontenttype, bytes: recording };
}
