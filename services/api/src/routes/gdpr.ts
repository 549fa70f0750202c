import { createHash } from 'node:crypto';
import {
  consumersOf,
  GdprAnswer,
  GdprBody,
  gdprRequestRecord,
  GdprRequestList,
  GdprRequestListQuery,
  GdprRequestView,
  type GdprRequestData,
} from '@voicemail/contracts';
import type { RequestState } from '@voicemail/domain';
import { findCaller, RegionGone, statusOf } from '@voicemail/gdpr';
import { callerKey, type ServedTenant, type TenantStores } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AcceptedRequests } from '../accepted-requests.ts';
import { appendEvent, eventMaker } from '../append-event.ts';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { gdprView, requestPath, viewOf } from '../gdpr-view.ts';
import { COUNT_LIMIT_MS, MAX_GDPR_WAIT_SECONDS, REQUEST_LOOK_MS } from '../limits.ts';
import { pageOf } from '../page.ts';
import { GdprRequestParams } from '../params.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { problems } from '../responses.ts';

const OPERATIONS = ['forgetme', 'undoforget', 'exportme'] as const;
type Operation = (typeof OPERATIONS)[number];

const MAX_KEY_CHARS = 255;

const seconds = z.coerce.number<string | number>().pipe(z.int().min(0).max(MAX_GDPR_WAIT_SECONDS));
/** Strict: a dry run that is misspelt must not be a run. */
const Query = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false').meta({ description: 'Counts alone: nothing is asked for' }),
  waitSeconds: seconds
    .optional()
    .meta({ description: 'How long to wait until it is marked, undone, exported or failed' }),
});
const Headers = z.looseObject({
  prefer: z.string().optional().meta({ description: 'wait=30, in place of waitSeconds (RFC 7240)' }),
  'idempotency-key': z
    .string()
    .min(1)
    .max(MAX_KEY_CHARS)
    .optional()
    .meta({ description: 'The same key is the same request' }),
});

const SUMMARIES: Readonly<Record<Operation, string>> = {
  forgetme:
    "Asks for the deletion of everything of some callers: marked at once, deleted by the rule's run after a day",
  undoforget: 'Takes back what was asked for: whatever is still there is marked no more',
  exportme: 'Collects everything of some callers: once it is exported, the package may be read',
};

/** What callers ask for by the GDPR (CONTRACT section 7). A request goes through the log, as those of other systems do. */
export function gdprRoutes(app: App, options: ApiOptions, accepted: AcceptedRequests): void {
  for (const operation of OPERATIONS) askRoute(app, options, operation, accepted);
  listRoutes(app, options, accepted);
}

function askRoute(app: App, options: ApiOptions, operation: Operation, accepted: AcceptedRequests): void {
  const { log, ledgers, clock, ids } = options;
  const makeEvent = eventMaker(options);

  app.post(
    `/v1/gdpr/${operation}`,
    {
      schema: {
        tags: ['gdpr'],
        summary: SUMMARIES[operation],
        description: '200 for a dry run, and where it is marked, undone, exported or failed within the wait; else 202.',
        querystring: Query,
        headers: Headers,
        body: GdprBody,
        response: { 200: GdprAnswer, 202: GdprAnswer, ...problems(400, 401, 403, 415, 422, 503) },
      },
    },
    async (request, reply) => {
      const served = callersTenant(options);
      const { stores } = served;
      const { phones, ignored, ccid } = consumersOf(request.body);
      checkCcid(served, ccid);
      const waitMs = waitSecondsOf(request) * 1_000;
      if (request.query.dryRun === 'true') {
        const callers = await countAll(stores, phones, clock.now());
        return reply
          .code(200)
          .send({ tenant: stores.tenant, operation, status: 'dry-run' as const, callers, ignored: [...ignored] });
      }
      const key = request.headers['idempotency-key'];
      const requestId = key === undefined ? `gdpr-${ids.uuid()}` : idOfKey(stores.tenant, key);
      const before = key === undefined ? undefined : (await ledgers(stores).refresh()).requests.get(requestId);
      // One may be on its way into the ledger: what has the key first is the request.
      const first = before ?? accepted.find(stores.tenant, requestId)?.state;
      if (first !== undefined) checkSame(stores, first, operation, phones);
      if (before === undefined) {
        const event = makeEvent(request);
        const data: GdprRequestData & { tenant: string } = {
          tenant: stores.tenant,
          requestId,
          operation,
          consumers: phones.map((phone) => ({ phone })),
          requestedAt: event.time,
        };
        accepted.add(stores, data);
        try {
          await appendEvent(log, event.id, gdprRequestRecord(data, event));
        } catch (error) {
          accepted.remove(stores.tenant, requestId);
          throw error;
        }
      }
      const standing = await waitFor(options, stores, requestId, waitMs);
      if (standing !== null) {
        accepted.remove(stores.tenant, requestId);
        // Another process may have been asked with the same key at the same time.
        checkSame(stores, standing, operation, phones);
      }
      const view = standing === null ? null : await gdprView(stores, standing);
      const isCounted = standing !== null && standing.callers.every(({ found }) => found !== null);
      const isSettled = standing !== null && SETTLED.has(standing.phase);
      return reply
        .code(isSettled ? 200 : 202)
        .header('location', requestPath(requestId))
        .send({
          requestId,
          tenant: stores.tenant,
          operation,
          status: standing === null ? 'accepted' : statusOf(standing),
          callers:
            isCounted && view !== null
              ? { ...view.callers, ...anonymousOf(stores, phones) }
              : await countWithin(options, stores, phones),
          ...(view?.repeats === undefined ? {} : { repeats: view.repeats }),
          ...(view?.reason === undefined ? {} : { reason: view.reason }),
          ignored: [...ignored],
          links: view?.links ?? { self: requestPath(requestId) },
        });
    },
  );
}

/** Where a request rests: nobody waits for more. */
const SETTLED: ReadonlySet<RequestState['phase']> = new Set([
  'marked',
  'held',
  'erasing',
  'erased',
  'undone',
  'exported',
  'failed',
]);

function listRoutes(app: App, options: ApiOptions, accepted: AcceptedRequests): void {
  const { ledgers } = options;
  app.get(
    '/v1/gdpr/requests',
    {
      schema: {
        tags: ['gdpr'],
        summary: "The tenant's requests, newest first",
        querystring: GdprRequestListQuery,
        response: { 200: GdprRequestList, ...problems(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { status } = request.query;
      const { requests } = await ledgers(stores).refresh();
      const numbered = [...requests.values()].map((one, number) => ({ one, number }));
      const wanted = numbered.filter(({ one }) => status === undefined || statusOf(one) === status);
      const page = await pageOf(wanted, request.query, {
        list: 'gdpr requests',
        placeOf: ({ number }) => number,
        compare: (a, b) => b - a,
        place: z.int(),
      });
      const items = await Promise.all(page.items.map(({ one }) => gdprView(stores, one)));
      return reply.send({ items, ...(page.next === undefined ? {} : { next: page.next }) });
    },
  );

  app.get(
    '/v1/gdpr/requests/:requestId',
    {
      schema: {
        tags: ['gdpr'],
        summary: 'A request: where it is, what was done for it in which region, what it waits for',
        params: GdprRequestParams,
        response: { 200: GdprRequestView, ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { requests } = await ledgers(stores).refresh();
      const { requestId } = request.params;
      const found = requests.get(requestId);
      if (found !== undefined) {
        accepted.remove(stores.tenant, requestId);
        return reply.send(await gdprView(stores, found));
      }
      const coming = accepted.find(stores.tenant, requestId);
      if (coming === undefined) throw notFound('request');
      return reply.send(viewOf(stores.tenant, coming.state, coming.numbers));
    },
  );
}

/** @throws HttpProblem 403. */
function checkCcid({ tenant }: ServedTenant, ccid: string | null): void {
  if (ccid !== null && ccid !== tenant.tenantUuid)
    throw new HttpProblem(403, "The ccid is not that of the token's tenant.");
}

/** @throws HttpProblem 400. */
function waitSecondsOf(request: FastifyRequest): number {
  const { waitSeconds } = request.query as z.output<typeof Query>;
  if (waitSeconds !== undefined) return waitSeconds;
  const preferred = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(String(request.headers['prefer'] ?? ''))?.[1];
  return Math.min(Number(preferred ?? 0), MAX_GDPR_WAIT_SECONDS);
}

/** The same key of the same tenant is the same request, on any process. */
const idOfKey = (tenant: string, key: string): string =>
  `key-${createHash('sha256')
    .update(JSON.stringify([tenant, key]))
    .digest('hex')
    .slice(0, 40)}`;

/** @throws HttpProblem 422 where another request had the key. */
function checkSame(stores: TenantStores, before: RequestState, operation: Operation, phones: readonly string[]): void {
  const then = before.callers.map(({ hashes }) => hashes);
  const now = phones
    .map((phone) => callerKey(stores, phone))
    .flatMap((key) => key ?? [])
    .map(({ hashes }) => hashes);
  const isSame = before.operation === operation && areAllIn(then, now) && areAllIn(now, then);
  if (!isSame) throw new HttpProblem(422, 'Another request had this Idempotency-Key.');
}

/** Whether each of some callers is one of others: known by a hash in common, for the keys may be others by now. */
function areAllIn(some: readonly (readonly string[])[], others: readonly (readonly string[])[]): boolean {
  const known = new Set(others.flat());
  return some.every((hashes) => hashes.some((hash) => known.has(hash)));
}

/** Looks where a request is until it rests or the wait is over; null where it is not taken in yet, or the ledger cannot be read now. */
async function waitFor(
  { ledgers, clock }: ApiOptions,
  stores: TenantStores,
  requestId: string,
  waitMs: number,
): Promise<RequestState | null> {
  const ledger = ledgers(stores);
  const untilMs = clock.monotonicMs() + waitMs;
  for (;;) {
    const state = await ledger.within(REQUEST_LOOK_MS).catch((error: unknown) => {
      if (error instanceof StoreError && error.retryable) return null;
      throw error;
    });
    const standing = state?.requests.get(requestId) ?? null;
    if ((standing !== null && SETTLED.has(standing.phase)) || clock.monotonicMs() >= untilMs) return standing;
    await clock.sleep(REQUEST_LOOK_MS);
  }
}

type Callers = GdprAnswer['callers'];

/** What was asked about and is no caller's number: the request knows of none, and nothing can be theirs. */
const anonymousOf = (stores: TenantStores, phones: readonly string[]): Callers =>
  Object.fromEntries(
    phones.filter((phone) => callerKey(stores, phone) === null).map((phone) => [phone, { messages: 0 }]),
  );

/** How many messages there are now of each caller. @throws StoreError, HttpProblem where a region cannot be asked: a part is not the whole. */
async function countAll(stores: TenantStores, phones: readonly string[], cutoffMs: number): Promise<Callers> {
  const callers: [string, Callers[string]][] = [];
  for (const phone of phones) {
    try {
      callers.push([phone, { messages: (await findCaller(stores, phone, cutoffMs)).messages.length }]);
    } catch (error) {
      if (!(error instanceof RegionGone)) throw error;
      throw new HttpProblem(503, error.message, { headers: {} });
    }
  }
  return Object.fromEntries(callers);
}

/** The same for an answer that is given in any case: null where it takes long, or a region cannot be asked. */
async function countWithin({ clock }: ApiOptions, stores: TenantStores, phones: readonly string[]): Promise<Callers> {
  const unknown = Object.fromEntries(phones.map((phone) => [phone, { messages: null }]));
  const answered = new AbortController();
  const late = clock.sleep(COUNT_LIMIT_MS, answered.signal).then(
    () => unknown,
    () => unknown,
  );
  const counted = countAll(stores, phones, clock.now()).catch((error: unknown) => {
    if (error instanceof StoreError || error instanceof HttpProblem) return unknown;
    throw error;
  });
  try {
    return await Promise.race([counted, late]);
  } finally {
    answered.abort();
  }
}
