import {
  EventAccepted,
  ForwardBody,
  messageActionRecord,
  MessageView,
  PatchMessage,
  type EventContext,
  type MessageActionData,
} from '@voicemail/contracts';
import { isLater, isStub } from '@voicemail/domain';
import { forwardedId, readMessage, readRecord, type TenantStores } from '@voicemail/message-store';
import { inTurn } from '@voicemail/runtime';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { appendEvent, eventMaker } from '../append-event.ts';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { checkMatch, quoted } from '../etag.ts';
import { messageView, mustRead } from '../message-view.ts';
import { MessageParams } from '../params.ts';
import { HttpProblem } from '../problem.ts';
import { problems } from '../responses.ts';
import { waitUntil } from '../wait-until.ts';

const message = '/v1/mailboxes/:mailbox/messages/:messageId';
const IfMatch = z.looseObject({ 'if-match': z.string().optional() });

/** An action without what every one of the API's has. */
type Given = { [A in MessageActionData as A['action']]: Omit<A, 'tenant' | 'at'> }[MessageActionData['action']];

const STATE_AFTER = { read: 'old', unread: 'new' } as const;

/** What users do with messages: an action is appended to the log, then waited for. */
export function messageActionRoutes(app: App, options: ApiOptions): void {
  const { log, clock } = options;
  const makeEvent = eventMaker(options);
  const turns = inTurn();
  /** A call that names the version it knows is done before the next one of this process looks: of several, one wins. */
  const matched = <T>(
    request: FastifyRequest,
    { mailbox, messageId }: z.output<typeof MessageParams>,
    work: () => Promise<T>,
  ): Promise<T> => (request.headers['if-match'] === undefined ? work() : turns(`${mailbox}/${messageId}`, work));
  const append = async (
    request: FastifyRequest,
    stores: TenantStores,
    given: Given,
  ): Promise<{ readonly event: EventContext; readonly accepted: EventAccepted }> => {
    const event = makeEvent(request);
    const data: MessageActionData = { tenant: stores.tenant, at: event.time, ...given };
    return { event, accepted: await appendEvent(log, event.id, messageActionRecord(data, event)) };
  };

  app.patch(
    message,
    {
      schema: {
        tags: ['messages'],
        summary: 'Marks a message as listened to or new; 202 where that takes longer',
        consumes: ['application/merge-patch+json', 'application/json'],
        params: MessageParams,
        headers: IfMatch,
        body: PatchMessage,
        response: { 200: MessageView, 202: EventAccepted, ...problems(400, 401, 403, 404, 409, 412, 415, 503) },
      },
    },
    (request, reply) =>
      matched(request, request.params, async () => {
        const { stores } = callersTenant(options);
        const { mailbox, messageId } = request.params;
        checkMatch(request.headers['if-match'], (await mustRead(stores, request.params)).etag);
        const { event, accepted } = await append(request, stores, { mailbox, messageId, action: request.body.state });
        const done = await waitUntil(clock, async () => {
          const stored = await mustRead(stores, request.params);
          const { lastAction } = stored.value;
          const isIn = lastAction !== undefined && !isLater({ at: event.time, id: event.id }, lastAction);
          return isIn ? stored : null;
        });
        if (done === null) return reply.code(202).send(accepted);
        if (done.value.state !== STATE_AFTER[request.body.state]) {
          throw new HttpProblem(409, 'A later action is in force: the message stays as it is.');
        }
        return reply.code(200).header('etag', quoted(done.etag)).send(messageView(done.value));
      }),
  );

  app.delete(
    message,
    {
      schema: {
        tags: ['messages'],
        summary: 'Deletes a message for good; 202 where that takes longer',
        params: MessageParams,
        headers: IfMatch,
        response: { 202: EventAccepted, 204: z.null(), ...problems(400, 401, 403, 404, 412, 415, 503) },
      },
    },
    (request, reply) =>
      matched(request, request.params, async () => {
        const { stores } = callersTenant(options);
        const { mailbox, messageId } = request.params;
        checkMatch(request.headers['if-match'], (await mustRead(stores, request.params)).etag);
        const { accepted } = await append(request, stores, { mailbox, messageId, action: 'delete' });
        const gone = await waitUntil(clock, async () =>
          (await readMessage(stores, mailbox, messageId)) === null ? 'gone' : null,
        );
        return gone === null ? reply.code(202).send(accepted) : reply.code(204).send(null);
      }),
  );

  app.post(
    `${message}/forward`,
    {
      schema: {
        tags: ['messages'],
        summary: 'Forwards a message to another mailbox as a message of its own; 202 where that takes longer',
        params: MessageParams,
        headers: IfMatch,
        body: ForwardBody,
        response: { 201: MessageView, 202: EventAccepted, ...problems(400, 401, 403, 404, 412, 415, 503) },
      },
    },
    (request, reply) =>
      matched(request, request.params, async () => {
        const { stores } = callersTenant(options);
        const { mailbox, messageId } = request.params;
        const { toMailbox } = request.body;
        checkMatch(request.headers['if-match'], (await mustRead(stores, request.params)).etag);
        const given = { mailbox, messageId, action: 'forward' as const, toMailbox };
        const { event, accepted } = await append(request, stores, given);
        const targetId = forwardedId(stores.tenant, { mailbox, messageId }, toMailbox, event.id);
        const target = await waitUntil(clock, () => readRecord(stores, toMailbox, targetId));
        if (target === null || isStub(target.value)) return reply.code(202).send(accepted);
        return reply
          .code(201)
          .headers({ location: `/v1/mailboxes/${toMailbox}/messages/${targetId}`, etag: quoted(target.etag) })
          .send(messageView(target.value));
      }),
  );
}
