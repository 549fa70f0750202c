import { isMessageId, MAILBOX_PATTERN, MESSAGE_ID_PATTERN } from '@voicemail/domain';
import { z } from 'zod';

/** Longest caller id (CONTRACT section 1). */
export const MAX_CALLER_ID_CHARS = 128;
/** Longest duration that is believed. */
const MAX_DURATION_MS = 86_400_000;
/** Longest id of a user and longest name that is shown. */
const MAX_USER_CHARS = 256;
/** Most users of one mailbox: its `voicemail.mwi` record names them all. */
const MAX_USERS = 5_000;
const MAX_MESSAGES_OF_A_MAILBOX = 1_000_000;
const MAX_RETENTION_DAYS = 36_500;

/** A tenant's id is a segment of every key: letters and digits, and `.`, `_`, `-` after the first. */
export const TENANT_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** A media type (RFC 6838 §4.2) with its parameters (RFC 9110 §5.6.6). */
const MEDIA_TYPE_PATTERN =
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(?:[ \t]*;[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"[^"\\\r\n]*"))*$/;

/** RFC 3339 has four digits for a year, also where the offset is taken off. */
const hasYearInUtc = (text: string): boolean => {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9_998;
};
export const time = z.iso
  .datetime({ offset: true })
  .refine(hasYearInUtc, 'must be a time between the years 1 and 9998')
  .meta({ description: 'RFC 3339' });
export const tenant = z
  .string()
  .regex(
    TENANT_ID_PATTERN,
    'must be a tenant id: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit',
  )
  .meta({ description: 'tenant_id of a tenant' });
export const mailbox = z
  .string()
  .regex(MAILBOX_PATTERN, 'must be a mailbox: a positive whole number of at most 32 digits, written as a string')
  .meta({ description: 'A mailbox number' });
const idOf = (what: string) =>
  z
    .string()
    .regex(MESSAGE_ID_PATTERN, `must be a ${what} id: 1 to 128 letters, digits, ".", "_" or "-"`)
    .refine((id) => isMessageId(id), 'must not be "." or ".."');
export const messageId = idOf('message').meta({ description: 'Chosen by the publisher, unique in the tenant' });
export const requestId = idOf('request').meta({ description: 'Chosen by whoever asks, unique in the tenant' });
export const callerId = z
  .string()
  .max(MAX_CALLER_ID_CHARS)
  .meta({ description: 'The ANI as received; empty or null for an anonymous caller' });
export const region = z
  .string()
  .regex(TENANT_ID_PATTERN, 'must be the name of a region: 1 to 64 letters, digits, ".", "_" or "-"')
  .meta({ description: "One of the tenant's regions" });
export const priority = z.enum(['normal', 'urgent']);
export const durationMs = z.int().min(0).max(MAX_DURATION_MS);
export const mediaType = z
  .string()
  .max(255)
  .regex(MEDIA_TYPE_PATTERN, 'must be a media type, such as audio/wav')
  .meta({ description: 'Media type of the recording, such as audio/wav' });
export const sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 in hex')
  .toLowerCase();
export const storageKey = z.string().min(1).max(1024);
export const revision = z.int().min(0);
export const count = z.int().min(0);

export const mailboxKind = z.enum(['personal', 'group']);
export const mailboxStatus = z.enum(['active', 'locked']);
export const messageState = z.enum(['new', 'old']);
export const user = z
  .string()
  .min(1)
  .max(MAX_USER_CHARS)
  .refine((text) => !/\p{Cc}/u.test(text), 'must hold no control characters')
  .meta({ description: "A user's id" });
export const users = z.array(user).max(MAX_USERS);
export const displayName = z.string().min(1).max(MAX_USER_CHARS);
export const maxMessages = z.int().min(1).max(MAX_MESSAGES_OF_A_MAILBOX);
export const retentionDays = z.int().min(1).max(MAX_RETENTION_DAYS);
