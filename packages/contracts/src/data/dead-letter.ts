import { z } from 'zod';
import { storageKey, time } from './fields.ts';

/** Why a record became a dead letter (CONTRACT section 3). */
export const DEAD_LETTER_REASONS = [
  'malformed',
  'unknown-type',
  'invalid-data',
  'unknown-tenant',
  'tenant-suspended',
  'unknown-region',
  'media-missing',
  'media-mismatch',
  'too-large',
  'not-found',
  'conflict',
  'retries-exhausted',
] as const;
export const DeadLetterReason = z.enum(DEAD_LETTER_REASONS);
export type DeadLetterReason = z.output<typeof DeadLetterReason>;

/** The data of `voicemail.dead-letter.v1`: where the record was, not what it held. No personal data. */
export const DeadLetterData = z.object({
  topic: z.string().min(1).max(249),
  partition: z.int().min(0),
  offset: z.int().min(0),
  reason: DeadLetterReason,
  detail: z.string().max(4096),
  storedAt: storageKey.nullable().meta({ description: "Where the record's bytes are kept; null where they are not" }),
  at: time,
});
export type DeadLetterData = z.output<typeof DeadLetterData>;
