import {
  ListQuery,
  MailboxBody,
  MailboxList,
  mailboxRecord,
  mailboxRemovedRecord,
  MailboxView,
  type EventContext,
} from '@voicemail/contracts';
import type { MailboxDocument, MailboxSettings } from '@voicemail/domain';
import { listMailboxes, listMessages, readMailbox, type TenantStores } from '@voicemail/message-store';
import type { NewRecord } from '@voicemail/event-log';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { eventIds } from '../event-ids.ts';
import { MailboxParams } from '../params.ts';
import { pageOf } from '../page.ts';
import { notFound } from '../problem.ts';
import { problems } from '../responses.ts';
import { waitUntil } from '../wait-until.ts';

const SOURCE = '/voicemail/api';

/** A tenant's mailboxes, with their counts and settings; a change is an event like anybody's. */
export function mailboxRoutes(app: App, options: ApiOptions): void {
  const { log, clock } = options;
  const nextId = eventIds(clock, options.ids);
  const context = (): EventContext => ({ id: nextId(), source: SOURCE, time: new Date(clock.now()).toISOString() });

  /** Appends a mailbox event and waits until it, or a later one, is in force. null: not within the wait. */
  const change = async (stores: TenantStores, mailbox: string, meta: EventContext, record: NewRecord) => {
    await log.append([record]);
    return waitUntil(clock, async () => {
      const document = await readMailbox(stores, mailbox);
      return document !== null && isInForce(document, meta) ? document : null;
    });
  };

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
    async (request) => {
      const { stores } = callersTenant(options);
      const names = (await Array.fromAsync(listMailboxes(stores))).toSorted(byNumber);
      const { items, ...next } = pageOf(
        names,
        request.query,
        (name) => name,
        (a, b) => byNumber(a, b) > 0,
      );
      const views = await Promise.all(items.map((mailbox) => viewOf(options, stores, mailbox)));
      return { items: views.filter((view) => view !== null), ...next };
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
    async (request) => {
      const view = await viewOf(options, callersTenant(options).stores, request.params.mailbox);
      if (view === null) throw notFound('mailbox');
      return view;
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
          202: z.object({ id: z.string() }),
          ...problems(400, 401, 403, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const { tenant, stores } = callersTenant(options);
      const { mailbox } = request.params;
      const before = await readMailbox(stores, mailbox);
      const meta = context();
      const record = mailboxRecord({ tenant: tenant.tenantId, mailbox, ...request.body }, meta);
      const document = await change(stores, mailbox, meta, record);
      if (document === null) return reply.code(202).send({ id: meta.id });
      const isNew = before === null || before.settings === null;
      const view = await viewOf(options, stores, mailbox, document);
      if (view === null) throw notFound('mailbox');
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
        response: { 202: z.object({ id: z.string() }), 204: z.null(), ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { tenant, stores } = callersTenant(options);
      const { mailbox } = request.params;
      const before = await readMailbox(stores, mailbox);
      if (before === null || before.settings === null) throw notFound('provisioned mailbox');
      const meta = context();
      const record = mailboxRemovedRecord({ tenant: tenant.tenantId, mailbox }, meta);
      const document = await change(stores, mailbox, meta, record);
      return document === null ? reply.code(202).send({ id: meta.id }) : reply.code(204).send(null);
    },
  );
}

/** Whether an event, or a later one, decided what stands there. */
function isInForce({ lastEvent }: MailboxDocument, event: EventContext): boolean {
  const difference = Date.parse(lastEvent.time) - Date.parse(event.time);
  return difference > 0 || (difference === 0 && lastEvent.id >= event.id);
}

/** null for a mailbox that was never seen, and for a removed one that holds no message. */
async function viewOf(
  { mwi }: ApiOptions,
  stores: TenantStores,
  mailbox: string,
  known?: MailboxDocument,
): Promise<MailboxView | null> {
  const document = known ?? (await readMailbox(stores, mailbox));
  const lamp = await mwi.read({ tenant: stores.tenant, mailbox });
  const settings = document?.settings ?? null;
  const counts = lamp === null ? null : { ...lamp.counts, stale: lamp.stale };
  const isSeen = settings !== null || (document === null && lamp !== null) || (await holdsMessages(stores, mailbox));
  if (!isSeen) return null;
  return { mailbox, counts, settings: settings === null ? null : settingsView(settings) };
}

function settingsView({ members, ...settings }: MailboxSettings): NonNullable<MailboxView['settings']> {
  return { ...settings, ...(members === undefined ? {} : { members: [...members] }) };
}

async function holdsMessages(stores: TenantStores, mailbox: string): Promise<boolean> {
  for await (const message of listMessages(stores, mailbox)) return message !== undefined;
  return false;
}

/** Mailbox numbers have no leading zeros: the longer one is the greater. */
function byNumber(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
