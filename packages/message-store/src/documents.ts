import type { MailboxDocument, MessageRecord, Metadata, Stub } from '@voicemail/domain';
import { z } from 'zod';

/** The stored documents' shapes. Types stand in `domain`; what is read from a store is checked against these. */

const order = z.object({ at: z.string(), id: z.string() });

const metadata = z.object({
  tenant: z.string(),
  mailbox: z.string(),
  messageId: z.string(),
  callerId: z.string().nullable(),
  state: z.enum(['new', 'old']),
  priority: z.enum(['normal', 'urgent']),
  private: z.boolean(),
  durationMs: z.number().nullable(),
  depositedAt: z.string(),
  time: z.string(),
  region: z.string(),
  media: z.object({ key: z.string(), contentType: z.string(), size: z.number(), sha256: z.string() }),
  revision: z.number(),
  modifiedAt: z.string(),
  lastAction: order.exactOptional(),
  lastForwardId: z.string().exactOptional(),
  forwardedFrom: z.object({ mailbox: z.string(), messageId: z.string() }).exactOptional(),
  forgetMarkedAt: z.string().exactOptional(),
  forgetRequestIds: z.array(z.string()).exactOptional(),
}) satisfies z.ZodType<Metadata>;

const stub = z.object({
  tenant: z.string(),
  mailbox: z.string(),
  messageId: z.string(),
  gone: z.literal(true),
  reason: z.enum(['user', 'forgetme', 'retention', 'swept']),
  revision: z.number(),
  goneAt: z.string(),
  claims: z.array(z.object({ region: z.string(), key: z.string(), etag: z.string() })).exactOptional(),
}) satisfies z.ZodType<Stub>;

export const messageRecord: z.ZodType<MessageRecord> = z.union([stub, metadata]);

export const mailboxDocument: z.ZodType<MailboxDocument> = z.object({
  tenant: z.string(),
  mailbox: z.string(),
  settings: z
    .object({
      kind: z.enum(['personal', 'group']),
      owner: z.string().exactOptional(),
      members: z.array(z.string()).exactOptional(),
      displayName: z.string().exactOptional(),
      maxMessages: z.number().exactOptional(),
      retentionDays: z.number().exactOptional(),
      status: z.enum(['active', 'locked']),
    })
    .nullable(),
  revision: z.number(),
  lastEvent: z.object({ time: z.string(), id: z.string() }),
});

/** Where what belongs to a caller lies: the content of a caller index entry. */
export const callerIndexEntry = z.object({
  /** The message's time, RFC 3339. */
  time: z.string(),
  /** One place, but where the same message was deposited under two regions or types before it was committed. */
  places: z.array(z.object({ region: z.string(), key: z.string() })),
  /** RFC 3339: when an attempt noted it, the last one where etags are of content. */
  notedAt: z.string().exactOptional(),
  /** Under which caller-hash key it is (`CallerHashes.keyId`). */
  keyId: z.string().exactOptional(),
});
export type CallerIndexEntry = z.infer<typeof callerIndexEntry>;
export type Place = CallerIndexEntry['places'][number];

const storedDeadLetter = z.object({
  id: z.string(),
  tenant: z.string().nullable(),
  topic: z.string(),
  partition: z.number(),
  offset: z.number(),
  /** The record's own key and headers, for its replay. */
  key: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  /** false for a tombstone: the record had no value. */
  hasValue: z.boolean(),
  reason: z.string(),
  detail: z.string(),
  /** RFC 3339: when it became a dead letter, when the log took the record first, and when it is removed unread. */
  at: z.string(),
  takenAt: z.string(),
  /** RFC 3339: what a request's cutoff is compared with. Absent in older letters. */
  time: z.string().exactOptional(),
  expiresAt: z.string(),
  /** The region that holds it; null for the deployment's own store. */
  region: z.string().nullable(),
  storedAt: z.string(),
  /** The keyed hash that its index entry is under; null where it has none: no caller could be read, or the store finds it by its tags. */
  callerHash: z.string().nullable(),
  /** The staged object that the record names, which is kept as long as the letter. */
  stagedKey: z.string().nullable(),
  /** RFC 3339: since when it is marked for deletion, and by which requests; absent where it is not. */
  forgetMarkedAt: z.string().exactOptional(),
  forgetRequestIds: z.array(z.string()).exactOptional(),
});
/** A letter without a time goes by when the log took it. */
export const deadLetterDocument = storedDeadLetter.transform((stored) => ({
  ...stored,
  time: stored.time ?? stored.takenAt,
}));
export type DeadLetterDocument = z.infer<typeof deadLetterDocument>;

/** What a sweep puts where a letter's description would be, before it removes the record of half a letter. */
const letterClaim = z.object({
  /** Of the record that is about to be removed: whoever completes the letter sees to it that its record has another. */
  claimedEtag: z.string(),
  /** RFC 3339. */
  claimedAt: z.string(),
});
export type LetterClaim = z.infer<typeof letterClaim>;

/** What may stand under the key of a dead letter's description. */
export const letterOrClaim: z.ZodType<DeadLetterDocument | LetterClaim> = z.union([letterClaim, deadLetterDocument]);

export const isClaim = (stored: DeadLetterDocument | LetterClaim): stored is LetterClaim => 'claimedEtag' in stored;
