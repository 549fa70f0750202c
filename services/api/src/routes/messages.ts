import {
  ForwardBody,
  messageActionRecord,
  MessageList,
  MessageListQuery,
  MessageView,
  PatchMessage,
  type EventContext,
  type MessageActionData,
} from '@voicemail/contracts';
import { isLater, isStub, type Metadata } from '@voicemail/domain';
import {
  forwardedId,
  listMessages,
  readMessage,
  readRecord,
  type Stored,
  type TenantStores,
} from '@voicemail/message-store';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { eventIds } from '../event-ids.ts';
import { MessageParams, MailboxParams } from '../params.ts';
import { pageOf } from '../page.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { problems } from '../responses.ts';
import { waitUntil } from '../wait-until.ts';

const SOURCE = '/voicemail/api';
const Accepted = z.object({ id: z.string().meta({ description: 'The event that was appended' }) });
const message = '/v1/mailboxes/:mailbox/messages/:messageId';

/** A mailbox's messages, and what their users do with them: an action is appended to the log, then waited for. */
export function messageRoutes(app: App, options: ApiOptions): void {
  const { log, clock } = options;
  const nextId = eventIds(clock, options.ids);
  type Given = { [A in MessageActionData as A['action']]: Omit<A, 'tenant' | 'at'> }[MessageActionData['action']];
  const append = async (stores: TenantStores, given: Given): Promise<EventContext> => {
    const time = new Date(clock.now()).toISOString();
    const meta = { id: nextId(), source: SOURCE, time };
    await log.append([messageActionRecord({ tenant: stores.tenant, at: time, ...given } as MessageActionData, meta)]);
    return meta;
  };

  app.get(
    '/v1/mailboxes/:mailbox/messages',
    {
      schema: {
        tags: ['messages'],
        summary: "A mailbox's messages, newest first",
        params: MailboxParams,
        querystring: MessageListQuery,
        response: { 200: MessageList, ...problems(400, 401, 403, 503) },
      },
    },
    async (request) => {
      const { stores } = callersTenant(options);
      const { state, ...query } = request.query;
      const all = await Array.fromAsync(listMessages(stores, request.params.mailbox));
      const wanted = all
        .filter((each) => state === undefined || each.state === state)
        .toSorted((a, b) => order(placeOf(a), placeOf(b)));
      const { items, ...next } = pageOf(wanted, query, placeOf, (place, cursor) => order(place, cursor) > 0);
      return { items: items.map(viewOf), ...next };
    },
  );

  app.get(
    message,
    {
      schema: {
        tags: ['messages'],
        summary: 'A message: the fields of its metadata, with an ETag',
        params: MessageParams,
        response: { 200: MessageView, 304: z.null(), ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { value, etag } = await mustRead(stores, request.params);
      reply.header('etag', quoted(etag));
      if (namesTag(request.headers['if-none-match'], etag)) return reply.code(304).send(null);
      return reply.code(200).send(viewOf(value));
    },
  );

  app.patch(
    message,
    {
      schema: {
        tags: ['messages'],
        summary: 'Marks a message as listened to or new (merge patch, If-Match); 202 where that takes longer',
        params: MessageParams,
        body: PatchMessage,
        response: { 200: MessageView, 202: Accepted, ...problems(400, 401, 403, 404, 412, 415, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { mailbox, messageId } = request.params;
      checkMatch(request.headers['if-match'], await mustRead(stores, request.params));
      const { id, time } = await append(stores, { mailbox, messageId, action: request.body.state });
      const done = await waitUntil(clock, async () => {
        const { value, etag } = await mustRead(stores, request.params);
        const isIn = value.lastAction !== undefined && !isLater({ at: time, id }, value.lastAction);
        return isIn ? { value, etag } : null;
      });
      if (done === null) return reply.code(202).send({ id });
      return reply.code(200).header('etag', quoted(done.etag)).send(viewOf(done.value));
    },
  );

  app.delete(
    message,
    {
      schema: {
        tags: ['messages'],
        summary: 'Deletes a message for good (If-Match); 202 where that takes longer',
        params: MessageParams,
        response: { 202: Accepted, 204: z.null(), ...problems(400, 401, 403, 404, 412, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { mailbox, messageId } = request.params;
      checkMatch(request.headers['if-match'], await mustRead(stores, request.params));
      const { id } = await append(stores, { mailbox, messageId, action: 'delete' });
      const gone = await waitUntil(clock, async () =>
        (await readMessage(stores, mailbox, messageId)) === null ? 'gone' : null,
      );
      return gone === null ? reply.code(202).send({ id }) : reply.code(204).send(null);
    },
  );

  app.post(
    `${message}/forward`,
    {
      schema: {
        tags: ['messages'],
        summary: 'Forwards a message to another mailbox as a message of its own; 202 where that takes longer',
        params: MessageParams,
        body: ForwardBody,
        response: { 201: MessageView, 202: Accepted, ...problems(400, 401, 403, 404, 415, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { mailbox, messageId } = request.params;
      const { toMailbox } = request.body;
      await mustRead(stores, request.params);
      const { id } = await append(stores, { mailbox, messageId, action: 'forward', toMailbox });
      const targetId = forwardedId(stores.tenant, { mailbox, messageId }, toMailbox, id);
      const target = await waitUntil(clock, () => readRecord(stores, toMailbox, targetId));
      if (target === null || isStub(target.value)) return reply.code(202).send({ id });
      const location = `/v1/mailboxes/${toMailbox}/messages/${targetId}`;
      return reply
        .code(201)
        .headers({ location, etag: quoted(target.etag) })
        .send(viewOf(target.value));
    },
  );
}

/** @throws HttpProblem 404. */
export async function mustRead(
  stores: TenantStores,
  { mailbox, messageId }: { readonly mailbox: string; readonly messageId: string },
): Promise<Stored<Metadata>> {
  const stored = await readMessage(stores, mailbox, messageId);
  if (stored === null) throw notFound('message');
  return stored;
}

/** What a caller sees: what only the services need of the metadata is left out by the answer's schema. */
function viewOf(metadata: Metadata): MessageView {
  const { forgetRequestIds, ...rest } = metadata;
  return { ...rest, ...(forgetRequestIds === undefined ? {} : { forgetRequestIds: [...forgetRequestIds] }) };
}

type Place = readonly [time: string, messageId: string];
const placeOf = ({ time, messageId }: Metadata): Place => [time, messageId];

/** Newest first; of one time, by id. Times are all UTC with milliseconds, so they compare as text. */
function order([timeA, idA]: Place, [timeB, idB]: Place): number {
  if (timeA !== timeB) return timeA < timeB ? 1 : -1;
  if (idA === idB) return 0;
  return idA < idB ? 1 : -1;
}

const quoted = (etag: string): string => `"${etag}"`;

/** Whether a list of entity tags (RFC 9110 §13.1) names this one. */
function namesTag(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(quoted(etag));
}

/** @throws HttpProblem 412. */
function checkMatch(header: string | undefined, { etag }: Stored<Metadata>): void {
  if (header === undefined || namesTag(header, etag)) return;
  throw new HttpProblem(412, 'The message has changed since it was read: read it again.');
}
