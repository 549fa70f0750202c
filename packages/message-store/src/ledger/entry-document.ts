import type { LedgerEntry } from '@voicemail/domain';
import { z } from 'zod';

/** The shapes of a ledger's entries as they are stored. Types stand in `domain`. */

const of = { requestId: z.string(), at: z.string() };
const step = z.enum(['mark', 'unmark', 'delete']);
const ofHold = { holdId: z.string(), at: z.string() };
const callerKey = { hashes: z.array(z.string()), keyIds: z.array(z.string()).exactOptional() };
const holdSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('caller'), ...callerKey }),
  z.object({ kind: z.literal('message'), mailbox: z.string(), messageId: z.string() }),
]);
const found = z.array(z.object({ messages: z.number(), deadLetters: z.number() }));

export const ledgerEntry: z.ZodType<LedgerEntry> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('taken'),
    ...of,
    operation: z.enum(['forgetme', 'undoforget', 'exportme']),
    callers: z.array(z.object(callerKey)),
    cutoff: z.string(),
    deadlineAt: z.string(),
  }),
  z.object({ kind: z.literal('waiting'), ...of, regions: z.array(z.string()), attempts: z.number().exactOptional() }),
  z.object({ kind: z.literal('began'), ...of, regions: z.array(z.string()), attempts: z.number().exactOptional() }),
  z.object({ kind: z.literal('intends'), ...of, step, region: z.string(), things: z.array(z.string()) }),
  z.object({ kind: z.literal('did'), ...of, step, region: z.string(), changed: z.number() }),
  z.object({ kind: z.literal('marked'), ...of, found, repeats: z.string().exactOptional() }),
  z.object({ kind: z.literal('held'), ...of, until: z.string().nullable() }),
  z.object({ kind: z.literal('undone'), ...of, found }),
  z.object({ kind: z.literal('exported'), ...of, found }),
  z.object({ kind: z.literal('erasing'), ...of }),
  z.object({ kind: z.literal('erased'), ...of }),
  z.object({ kind: z.literal('numbers-erased'), ...of }),
  z.object({ kind: z.literal('failed'), ...of, reason: z.string() }),
  z.object({
    kind: z.literal('hold-placed'),
    ...ofHold,
    subject: holdSubject,
    reason: z.string(),
    until: z.string().nullable(),
  }),
  z.object({ kind: z.literal('hold-released'), ...ofHold }),
  z.object({ kind: z.literal('hold-number-erased'), ...ofHold }),
]);
