import { StorageCopyBody, StorageCopyView, StorageReindexView } from '@voicemail/contracts';
import {
  chooseTenants,
  copyStorage,
  isCopied,
  newCopyReport,
  newReindexReport,
  NoSuchCopy,
  reindexTenant,
  type CopyReport,
  type ReindexReport,
  type ServedTenant,
} from '@voicemail/message-store';
import type { ApiOptions, App } from '../context.ts';
import type { LongWork, Work } from '../long-work.ts';
import { HttpProblem } from '../problem.ts';
import { problems } from '../responses.ts';

const COPY = '/v1/operations/storage-copy';
const REINDEX = '/v1/operations/storage-reindex';

interface Of<T> {
  readonly tenant: string;
  readonly report: T;
}

/** Long work over the stores of every tenant. The embedded token has every role, so it may have that done for all of them. */
export function storageRoutes(app: App, { tenants, clock }: ApiOptions, work: LongWork): void {
  const copies = work.kind<StorageCopyBody, Of<CopyReport>>('storage copy');
  const reindexes = work.kind<null, Of<ReindexReport>>('storage reindex');

  app.post(
    COPY,
    {
      schema: {
        tags: ['operations'],
        summary: 'Brings what tenants have in one region to another one, beside everything else',
        description:
          '202: it goes on by itself, `GET` tells how far it is. Asked for again it goes on where it stopped. What lies in a master region beside recordings is brought by the command while no server runs.',
        body: StorageCopyBody,
        response: { 202: StorageCopyView, ...problems(400, 401, 403, 409, 415, 503) },
      },
    },
    async (request, reply) => {
      const { from, to } = request.body;
      const chosen = chosenFor(tenants.all(), request.body);
      const items = chosen.map(({ tenantId }) => ({ tenant: tenantId, report: newCopyReport() }));
      const begun = copies.begin(request.body, items, async (signal) => {
        for (const [index, { report }] of items.entries()) {
          const { stores } = chosen[index]!;
          await copyStorage(stores, { from, to, isAlone: false, clock, signal }, report);
        }
      });
      return reply.code(202).header('location', COPY).send(copyView(begun));
    },
  );

  app.get(
    COPY,
    {
      schema: {
        tags: ['operations'],
        summary: 'How far the copy of a region is, or how the last one ended',
        response: { 200: StorageCopyView, ...problems(401, 403, 404, 503) },
      },
    },
    async (_request, reply) => reply.send(copyView(copies.last())),
  );

  app.post(
    REINDEX,
    {
      schema: {
        tags: ['operations'],
        summary: 'Brings everything under the caller-hash key that is first in the file',
        description:
          '202: it goes on by itself, `GET` tells how far it is. Asked for again it goes on where it stopped.',
        response: { 202: StorageReindexView, ...problems(401, 403, 409, 415, 503) },
      },
    },
    async (_request, reply) => {
      const all = tenants.all();
      const items = all.map(({ tenant }) => ({ tenant: tenant.tenantId, report: newReindexReport() }));
      const begun = reindexes.begin(null, items, async (signal) => {
        for (const [index, { report }] of items.entries()) {
          await reindexTenant(all[index]!.stores, { clock, signal }, report);
        }
      });
      return reply.code(202).header('location', REINDEX).send(reindexView(begun));
    },
  );

  app.get(
    REINDEX,
    {
      schema: {
        tags: ['operations'],
        summary: 'How far the reindex is, or how the last one ended',
        response: { 200: StorageReindexView, ...problems(401, 403, 404, 503) },
      },
    },
    async (_request, reply) => reply.send(reindexView(reindexes.last())),
  );
}

/** @throws HttpProblem 400. */
function chosenFor(served: readonly ServedTenant[], body: StorageCopyBody) {
  const known = served.map(({ tenant, stores }) => ({ tenantId: tenant.tenantId, regions: tenant.regions, stores }));
  try {
    return chooseTenants(known, body);
  } catch (error) {
    if (error instanceof NoSuchCopy) throw new HttpProblem(400, error.message);
    throw error;
  }
}

const stateOf = ({ state, startedAt, endedAt, reason }: Work<unknown, unknown>) => ({
  state,
  startedAt,
  endedAt,
  reason,
});

function copyView(copy: Work<StorageCopyBody, Of<CopyReport>>): StorageCopyView {
  const { from, to } = copy.request;
  const items = copy.items.map(({ tenant, report }) => ({ tenant, ...report, isComplete: isCopied(report) }));
  return { ...stateOf(copy), from, to, items };
}

function reindexView(reindex: Work<null, Of<ReindexReport>>): StorageReindexView {
  return {
    ...stateOf(reindex),
    items: reindex.items.map(({ tenant, report }) => ({ tenant, ...report, oldKeys: [...report.oldKeys] })),
  };
}
