import { HoldBody, HoldList, HoldView, ListQuery } from '@voicemail/contracts';
import { placeHold, releaseHold, type HoldWish } from '@voicemail/gdpr';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { holdPath, holdView } from '../hold-view.ts';
import { pageOf } from '../page.ts';
import { HoldParams } from '../params.ts';
import { notFound } from '../problem.ts';
import { problems } from '../responses.ts';

/** Legal holds (CONTRACT section 6). They are entries of the tenant's ledger: what is answered with success is in force here at once. */
export function holdRoutes(app: App, options: ApiOptions): void {
  const { ledgers, clock } = options;
  const body = HoldBody.refine(({ until }) => until === null || !(Date.parse(until) <= clock.now()), {
    path: ['until'],
    error: 'must be a time to come',
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

  app.post(
    '/v1/holds',
    {
      schema: {
        tags: ['holds'],
        summary: 'Places a legal hold on a caller or on a message: neither the deletion rule nor retention deletes it',
        description: 'In force in this process at once, and within 5 s in every other.',
        body,
        response: { 201: HoldView, ...problems(400, 401, 403, 415, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const hold = await placeHold(options, stores, wishOf(request.body));
      return reply
        .code(201)
        .header('location', holdPath(hold.holdId))
        .send(await holdView(stores, hold, clock.now()));
    },
  );

  app.get(
    '/v1/holds',
    {
      schema: {
        tags: ['holds'],
        summary: "The tenant's legal holds that were not released, newest first",
        querystring: ListQuery,
        response: { 200: HoldList, ...problems(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { holds } = await ledgers(stores).refresh();
      const numbered = [...holds.all.values()].map((hold, number) => ({ hold, number }));
      const standing = numbered.filter(({ hold }) => hold.releasedAt === null);
      const page = await pageOf(standing, request.query, {
        list: 'holds',
        placeOf: ({ number }) => number,
        compare: (a, b) => b - a,
        place: z.int(),
      });
      const items = await Promise.all(page.items.map(({ hold }) => holdView(stores, hold, clock.now())));
      return reply.send({ items, ...(page.next === undefined ? {} : { next: page.next }) });
    },
  );

  app.get(
    '/v1/holds/:holdId',
    {
      schema: {
        tags: ['holds'],
        summary: 'A legal hold that was not released',
        params: HoldParams,
        response: { 200: HoldView, ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { holds } = await ledgers(stores).refresh();
      const hold = holds.all.get(request.params.holdId);
      if (hold?.releasedAt !== null) throw notFound('hold');
      return reply.send(await holdView(stores, hold, clock.now()));
    },
  );

  app.delete(
    '/v1/holds/:holdId',
    {
      schema: {
        tags: ['holds'],
        summary: 'Releases a legal hold: the next run of the deletion rule goes on with what it kept',
        params: HoldParams,
        response: { 204: z.null(), ...problems(400, 401, 403, 404, 415, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      if (!(await releaseHold(options, stores, request.params.holdId))) throw notFound('hold');
      return reply.code(204).send(null);
    },
  );
}

function wishOf({ phone, mailbox, messageId, reason, until }: HoldBody): HoldWish {
  const common = { reason, until };
  if (phone !== undefined) return { on: { phone }, ...common };
  if (mailbox === undefined || messageId === undefined) throw new TypeError('a body that was not checked');
  return { on: { mailbox, messageId }, ...common };
}
