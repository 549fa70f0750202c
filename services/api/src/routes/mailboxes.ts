import {
  EventAccepted,
  ListQuery,
  MailboxBody,
  MailboxList,
  mailboxRecord,
  mailboxRemovedRecord,
  MailboxView,
  type EventContext,
} from '@voicemail/contracts';
import type { MailboxDocument } from '@voicemail/domain';
import { listMailboxes, readMailbox, type TenantStores } from '@voicemail/message-store';
import { z } from 'zod';
import { appendEvent, eventMaker } from '../append-event.ts';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { byNumber, inOrderOfNumbers, mailboxView, mailboxViews } from '../mailbox-view.ts';
import { MailboxParams } from '../params.ts';
import { pageOf, readCursor } from '../page.ts';
import { notFound } from '../problem.ts';
import { problems } from '../responses.ts';
import { take } from '../take.ts';
import { waitUntil } from '../wait-until.ts';

/** A tenant's mailboxes, with their counts and settings; a change is an event like anybody's. */
export function mailboxRoutes(app: App, options: ApiOptions): void {
  const { log, mwi, clock } = options;
  const makeEvent = eventMaker(options);

  /** Waits until a mailbox event, or a later one, is in force. null: not within the wait. */
  const untilInForce = (stores: TenantStores, mailbox: string, event: EventContext): Promise<MailboxDocument | null> =>
    waitUntil(clock, async () => {
      const document = await readMailbox(stores, mailbox);
      return document !== null && isInForce(document, event) ? document : null;
    });

  app.get(
    '/v1/mailboxes',
    {
      schema: {
        tags: ['mailboxes'],
        summary: "The tenant's mailboxes, in order of their numbers",
        querystring: ListQuery,
        response: { 200: MailboxList, ...problems(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const cursor = readCursor(request.query, inOrderOfNumbers);
      const names = await Array.fromAsync(listMailboxes(stores));
      const rest = names.filter((name) => cursor === null || byNumber(name, cursor) > 0).toSorted(byNumber);
      // One more than the page holds tells whether there is a next one.
      const views = take(mailboxViews(mwi, stores, rest), request.query.limit + 1);
      return reply.send(await pageOf(views, request.query, inOrderOfNumbers));
    },
  );

  app.get(
    '/v1/mailboxes/:mailbox',
    {
      schema: {
        tags: ['mailboxes'],
        summary: 'A mailbox with its counts and settings',
        params: MailboxParams,
        response: { 200: MailboxView, ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const view = await mailboxView(mwi, callersTenant(options).stores, request.params.mailbox);
      if (view === null) throw notFound('mailbox');
      return reply.send(view);
    },
  );

  app.put(
    '/v1/mailboxes/:mailbox',
    {
      schema: {
        tags: ['mailboxes'],
        summary: 'Provisions a mailbox, or replaces its settings; 202 where that takes longer',
        params: MailboxParams,
        body: MailboxBody,
        response: {
          200: MailboxView,
          201: MailboxView,
          202: EventAccepted,
          ...problems(400, 401, 403, 404, 413, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const { tenant, stores } = callersTenant(options);
      const { mailbox } = request.params;
      const before = await readMailbox(stores, mailbox);
      const event = makeEvent(request, before?.lastEvent.time);
      const record = mailboxRecord({ tenant: tenant.tenantId, mailbox, ...request.body }, event);
      const accepted = await appendEvent(log, event.id, record);
      const document = await untilInForce(stores, mailbox, event);
      if (document === null) return reply.code(202).send(accepted);
      const view = await mailboxView(mwi, stores, mailbox, document);
      // Another's event removed it meanwhile.
      if (view === null) throw notFound('mailbox');
      const isNew = before === null || before.settings === null;
      if (isNew) reply.header('location', `/v1/mailboxes/${mailbox}`);
      return reply.code(isNew ? 201 : 200).send(view);
    },
  );

  app.delete(
    '/v1/mailboxes/:mailbox',
    {
      schema: {
        tags: ['mailboxes'],
        summary: 'Removes a mailbox: its messages stay, its users lose it; 202 where that takes longer',
        params: MailboxParams,
        response: { 202: EventAccepted, 204: z.null(), ...problems(400, 401, 403, 404, 415, 503) },
      },
    },
    async (request, reply) => {
      const { tenant, stores } = callersTenant(options);
      const { mailbox } = request.params;
      const before = await readMailbox(stores, mailbox);
      if (before === null || before.settings === null) throw notFound('provisioned mailbox');
      const event = makeEvent(request, before.lastEvent.time);
      const record = mailboxRemovedRecord({ tenant: tenant.tenantId, mailbox }, event);
      const accepted = await appendEvent(log, event.id, record);
      const document = await untilInForce(stores, mailbox, event);
      return document === null ? reply.code(202).send(accepted) : reply.code(204).send(null);
    },
  );
}

/** Whether an event, or a later one, decided what stands there. */
function isInForce({ lastEvent }: MailboxDocument, event: EventContext): boolean {
  const difference = Date.parse(lastEvent.time) - Date.parse(event.time);
  return difference > 0 || (difference === 0 && lastEvent.id >= event.id);
}
