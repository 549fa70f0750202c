import { z } from 'zod';
import { count } from '../data/fields.ts';

/** Long work over the stores, as it is asked for and told of (`POST` and `GET /v1/operations/storage-…`). */

const region = z.string().min(1).max(64);

export const StorageCopyBody = z
  .strictObject({
    from: region,
    to: region,
    tenant: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'Every tenant that has both regions unless told' }),
  })
  .meta({ id: 'StorageCopyRequest', examples: [{ from: 'westus2', to: 'westus2-azure' }] });
export type StorageCopyBody = z.output<typeof StorageCopyBody>;

const work = {
  state: z.enum(['running', 'done', 'failed']),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  reason: z.string().nullable().meta({ description: 'Why it failed; another call goes on from there' }),
};

const progress = {
  tenant: z.string(),
  phase: z.string(),
  pass: count.meta({ description: 'Times that everything was looked at, until there was nothing to do' }),
  done: count.meta({ description: 'Of this phase' }),
  total: count.nullable(),
  notErased: count.meta({ description: 'Old versions and the like that a store keeps of what was removed' }),
  failed: count,
  failures: z
    .array(
      z.object({
        mailbox: z.string().exactOptional(),
        messageId: z.string().exactOptional(),
        deadLetter: z.string().exactOptional(),
        why: z.string(),
      }),
    )
    .meta({ description: 'The first hundred' }),
  isComplete: z.boolean(),
};

const COPY_EXAMPLE = {
  state: 'done',
  startedAt: '2026-11-23T10:00:00.000Z',
  endedAt: '2026-11-23T10:02:10.000Z',
  reason: null,
  from: 'westus2',
  to: 'westus2-azure',
  items: [
    {
      tenant: 't100',
      phase: 'done',
      pass: 2,
      done: 0,
      total: null,
      notErased: 0,
      failed: 0,
      failures: [],
      isComplete: true,
      moved: 812,
      movedBytes: 90_112_000,
      leftovers: 0,
      entries: 812,
      deadLetters: 0,
      compared: 0,
      documents: 0,
      left: { recordings: 0, unfinished: 0, staged: 0, deadLetters: 0, isMaster: false },
      isHandedOver: false,
    },
  ],
};

/** A copy of the storage: what it does, and what still lies in the region that it takes from. */
export const StorageCopyView = z
  .object({
    ...work,
    from: z.string(),
    to: z.string(),
    items: z.array(
      z.object({
        ...progress,
        moved: count.meta({ description: 'Recordings' }),
        movedBytes: count,
        leftovers: count.meta({ description: 'Recordings erased that no message had there' }),
        entries: count.meta({ description: 'Index entries that name another place now' }),
        deadLetters: count,
        compared: count.meta({ description: 'Documents that were compared byte for byte' }),
        documents: count.meta({ description: 'Documents that were written' }),
        left: z
          .object({
            recordings: count,
            unfinished: count.meta({ description: 'Recordings without a message: deposits under way, or leftovers' }),
            staged: count,
            deadLetters: count,
            isMaster: z
              .boolean()
              .meta({ description: 'The documents are there: they are brought while no server runs' }),
          })
          .nullable(),
        isHandedOver: z
          .boolean()
          .meta({ description: 'The tenants’ file must name the other region as master_region' }),
      }),
    ),
  })
  .meta({ id: 'StorageCopy', examples: [COPY_EXAMPLE] });
export type StorageCopyView = z.output<typeof StorageCopyView>;

const REINDEX_EXAMPLE = {
  state: 'done',
  startedAt: '2026-11-23T10:00:00.000Z',
  endedAt: '2026-11-23T10:00:07.000Z',
  reason: null,
  items: [
    {
      tenant: 't100',
      phase: 'done',
      pass: 2,
      done: 3,
      total: null,
      notErased: 0,
      failed: 0,
      failures: [],
      isComplete: true,
      entries: 812,
      tags: 1_624,
      deadLetters: 0,
      erased: 815,
      waiting: 0,
      oldKeys: [
        { key: 2, keyId: '41d5984e97611575', mayLeave: false, holds: 1, requests: 0, erasures: 2 },
        { key: 3, keyId: '9c1f0b7ad2e84f36', mayLeave: true, holds: 0, requests: 0, erasures: 0 },
      ],
    },
  ],
};

/** A reindex: everything comes under the current caller-hash key. */
export const StorageReindexView = z
  .object({
    ...work,
    items: z.array(
      z.object({
        ...progress,
        entries: count.meta({ description: 'Index entries written under the current key' }),
        tags: count,
        deadLetters: count,
        erased: count.meta({ description: 'Index entries under an old key that went' }),
        waiting: count.meta({ description: 'Entries of deposits that are not complete: the old key must stay' }),
        oldKeys: z
          .array(
            z.object({
              key: count.meta({ description: 'Which key of the file: 2 is the first behind the current one' }),
              keyId: z.string(),
              mayLeave: z.boolean().meta({ description: 'This tenant does not need it any more' }),
              holds: count.meta({ description: 'Legal holds that are in force, or keep their number, and need it' }),
              requests: count.meta({ description: 'Requests that are not over, or keep their numbers, and need it' }),
              erasures: count.meta({
                description: 'Requests that have erased a caller, whose late deposits it keeps out',
              }),
            }),
          )
          .meta({ description: 'At the end: the keys behind the current one' }),
      }),
    ),
  })
  .meta({ id: 'StorageReindex', examples: [REINDEX_EXAMPLE] });
export type StorageReindexView = z.output<typeof StorageReindexView>;
