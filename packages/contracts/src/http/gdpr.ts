import { z } from 'zod';
import { count, region, tenant } from '../data/fields.ts';
import { GdprRequestData, GdprStatusData } from '../data/gdpr.ts';
import { byText } from './by-text.ts';
import { consumersOf } from './consumers.ts';
import * as examples from './examples.ts';
import { ListQuery, listOf } from './lists.ts';

/** The body of a GDPR call, which is the script's `input.json`: `consumersOf` reads it. */
export const GdprBody = z
  .looseObject({ ccid: z.unknown().optional().meta({ type: 'string', format: 'uuid' }) })
  .superRefine((body, context) => {
    for (const { path, message } of consumersOf(body).faults)
      context.addIssue({ code: 'custom', path: [path], message });
  })
  .meta({
    id: 'GdprCall',
    description:
      'Any nesting of {"consumer": [{"name"}, {"phone"}, {"email"}, {"fbid"}]} (also "consumers"); only "phone" counts.',
    examples: [examples.GDPR_INPUT],
  });
export type GdprBody = z.output<typeof GdprBody>;

const operation = GdprRequestData.shape.operation;
const status = GdprStatusData.shape.status;
const callers = byText(
  z.strictObject({ messages: count.nullable().meta({ description: 'null: not counted yet' }) }),
).meta({ description: 'By the number as it was sent; by "caller-1", "caller-2" once it is erased' });
const links = z.object({
  self: z.string(),
  export: z.string().optional().meta({ description: 'The package, once it is exported' }),
});

const answer = { tenant, operation, callers };

/** The answer to a GDPR call. */
export const GdprAnswer = z
  .object({
    requestId: z.string().optional().meta({ description: 'Absent for a dry run' }),
    ...answer,
    status: z.union([status, z.literal('dry-run')]),
    repeats: z.string().optional().meta({ description: 'The request that had asked for the same already' }),
    reason: z.string().optional().meta({ description: 'Why it failed' }),
    ignored: z.array(byText(z.unknown())).meta({ description: 'What of the input does not count' }),
    links: links.optional(),
  })
  .meta({ id: 'GdprAnswer', examples: [examples.GDPR_ANSWER] });
export type GdprAnswer = z.output<typeof GdprAnswer>;

/** A GDPR request, with what was done for it so far. */
export const GdprRequestView = z
  .object({
    requestId: z.string(),
    ...answer,
    status,
    repeats: z.string().optional(),
    heldUntil: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'Of a held one: when the last legal hold ends that keeps it; null: one has no end' }),
    reason: z.string().optional().meta({ description: 'Why it failed' }),
    cutoff: z.string().meta({ description: 'Part of the request is what is from then or before' }),
    takenAt: z.string(),
    updatedAt: z.string(),
    markedAt: z.string().optional(),
    deadlineAt: z.string().meta({ description: 'What is not done by then has failed' }),
    deadLetters: count.nullable().meta({ description: 'Rejected records of the callers; null: not counted yet' }),
    regions: z.array(region).meta({ description: 'Those that it works on, the master region first' }),
    waitsFor: z.array(region).meta({ description: 'Those that cannot be reached' }),
    attempts: count.meta({
      description:
        'How often it was tried, at least: of attempts that find the same regions down the 1st, 2nd, 4th, 8th … are counted',
    }),
    steps: z.array(
      z.object({
        step: z.enum(['mark', 'unmark', 'delete']),
        region,
        startedAt: z.string(),
        endedAt: z.string().nullable(),
        changed: count,
      }),
    ),
    links,
  })
  .meta({ id: 'GdprRequest', examples: [examples.GDPR_REQUEST] });
export type GdprRequestView = z.output<typeof GdprRequestView>;

export const GdprRequestList = listOf(GdprRequestView);
export type GdprRequestList = z.output<typeof GdprRequestList>;

export const GdprRequestListQuery = ListQuery.extend({ status: status.optional() });

/** What a run of the deletion rule is asked for; no body: a run, now. */
export const ForgetRunBody = z
  .strictObject({
    dryRun: z.boolean().default(false),
    at: z.iso.datetime({ offset: true }).optional().meta({ description: 'Of a dry run alone: when it would be' }),
  })
  .refine(({ dryRun, at }) => dryRun || at === undefined, {
    path: ['at'],
    error: 'is for a dry run: a run is now',
  })
  .prefault({})
  .meta({ id: 'ForgetRunRequest', examples: [{ dryRun: true }] });

/** What a run of the deletion rule deleted, or would. */
export const ForgetRunView = z
  .object({
    deleted: count,
    kept: count.meta({
      description: 'Marked messages that are not due yet, under a legal hold, or in a region that cannot be reached',
    }),
    items: z.array(z.object({ tenant, mailbox: z.string(), messageId: z.string(), region })),
  })
  .meta({ id: 'ForgetRun', examples: [examples.FORGET_RUN] });
export type ForgetRunView = z.output<typeof ForgetRunView>;
