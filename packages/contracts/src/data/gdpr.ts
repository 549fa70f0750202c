import { z } from 'zod';
import { callerId, count, region, requestId, tenant, time } from './fields.ts';

const MAX_CONSUMERS = 1_000;
const MAX_REGIONS = 64;

const operation = z.enum(['forgetme', 'undoforget', 'exportme']);

/** The data of `voicemail.gdpr.request.v1` (CONTRACT section 3). */
export const GdprRequestData = z
  .object({
    tenant: tenant.exactOptional(),
    ccid: z.guid().toLowerCase().exactOptional().meta({ description: 'tenant_uuid of a tenant' }),
    requestId,
    operation,
    consumers: z
      .array(z.object({ phone: callerId.min(1) }))
      .min(1)
      .max(MAX_CONSUMERS),
    requestedAt: time,
  })
  .refine((data) => data.tenant !== undefined || data.ccid !== undefined, {
    error: 'must have tenant or ccid',
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .meta({ anyOf: [{ required: ['tenant'] }, { required: ['ccid'] }] });
export type GdprRequestData = z.output<typeof GdprRequestData>;

/** The data of `voicemail.gdpr.status.v1`: no phone number is in it. */
export const GdprStatusData = z.object({
  tenant,
  requestId,
  operation,
  status: z.enum([
    'accepted',
    'waiting-for-region',
    'running',
    'marked',
    'held',
    'erased',
    'undone',
    'exported',
    'failed',
  ]),
  step: z.string().max(64).exactOptional(),
  region: region.exactOptional(),
  regions: z.array(region).max(MAX_REGIONS).exactOptional(),
  messages: count
    .exactOptional()
    .meta({ description: 'How many of the callers were found; absent until they were counted' }),
  changed: count
    .exactOptional()
    .meta({ description: 'How many messages and dead letters the step has changed in its region so far' }),
  heldUntil: time
    .nullable()
    .exactOptional()
    .meta({ description: 'Of a held one: when the last legal hold ends that keeps it; null: one has no end' }),
  reason: z.string().max(1024).exactOptional(),
  at: time,
});
export type GdprStatusData = z.output<typeof GdprStatusData>;
