import { z } from 'zod';
import { holdsText } from './holds-text.ts';
import { isBase64 } from './base64.ts';
import {
  callerId,
  durationMs,
  mailbox,
  mediaType,
  messageId,
  priority,
  region,
  sha256,
  tenant,
  time,
} from './fields.ts';
import { isStagedKeyOf, STAGED_KEY_RULE, stagedKey } from './staged-key.ts';

const WireMedia = z
  .object({
    contentType: mediaType,
    base64: z
      .string()
      .min(1)
      .refine(isBase64, 'must be base64 (RFC 4648 §4), padded, without line breaks')
      .exactOptional()
      .meta({ contentEncoding: 'base64', description: 'The recording' }),
    stagedKey: stagedKey.exactOptional(),
    sha256: sha256.exactOptional(),
  })
  .refine((media) => (media.base64 === undefined) !== (media.stagedKey === undefined), {
    error: 'must have either base64 or stagedKey',
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .meta({ oneOf: [{ required: ['base64'] }, { required: ['stagedKey'] }] });

/** The data of `voicemail.deposit.v1` as it is sent (CONTRACT section 3). */
export const DepositData = z
  .object({
    tenant,
    mailbox,
    messageId,
    callerId: callerId.nullable(),
    region,
    depositedAt: time,
    priority: priority.default('normal'),
    private: z.boolean().default(false),
    durationMs: durationMs.nullable().default(null),
    media: WireMedia,
  })
  .refine(({ tenant: id, media }) => media.stagedKey === undefined || isStagedKeyOf(id, media.stagedKey), {
    path: ['media', 'stagedKey'],
    error: STAGED_KEY_RULE,
    when: ({ value }) => holdsText(value, 'tenant') && holdsText(Reflect.get(value, 'media'), 'stagedKey'),
  });

/** What a publisher writes: fields with a default may be left out. */
export type DepositInput = z.input<typeof DepositData>;
export type DepositData = z.output<typeof DepositData>;

/** The recording itself, or the object that the publisher staged in the region's store. */
export type DepositMedia =
  | { readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly contentType: string; readonly stagedKey: string; readonly sha256?: string };

/** A deposit as it was read, whatever the mode it came in: defaults applied, the recording decoded. */
export interface Deposit extends Omit<DepositData, 'media'> {
  readonly media: DepositMedia;
}

/** A deposit of checked data. */
export function depositOf(data: DepositData): Deposit {
  const { contentType, base64, stagedKey: key, sha256: digest } = data.media;
  if (base64 !== undefined) return { ...data, media: { contentType, bytes: Buffer.from(base64, 'base64') } };
  if (key === undefined) throw new TypeError('checked media has base64 or stagedKey');
  return { ...data, media: { contentType, stagedKey: key, ...(digest === undefined ? {} : { sha256: digest }) } };
}
