import { MessageList, MessageListQuery, MessageView } from '@voicemail/contracts';
import type { Metadata } from '@voicemail/domain';
import { listMessages } from '@voicemail/message-store';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { isNamedBy, quoted } from '../etag.ts';
import { messageView, mustRead } from '../message-view.ts';
import { newestFirst } from '../newest-first.ts';
import { MailboxParams, MessageParams } from '../params.ts';
import { pageOf } from '../page.ts';
import { problems } from '../responses.ts';

const byTime = (mailbox: string) =>
  newestFirst<Metadata>(`messages of ${mailbox}`, ({ time, messageId }) => [time, messageId]);

/** A mailbox's messages as they are stored. Their recordings and what is done with them have routes of their own. */
export function messageRoutes(app: App, options: ApiOptions): void {
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
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { state, ...query } = request.query;
      const { mailbox } = request.params;
      const wanted = inState(listMessages(stores, mailbox), state);
      const { items, ...next } = await pageOf(wanted, query, byTime(mailbox));
      return reply.send({ items: items.map(messageView), ...next });
    },
  );

  app.get(
    '/v1/mailboxes/:mailbox/messages/:messageId',
    {
      schema: {
        tags: ['messages'],
        summary: 'A message: the fields of its metadata, with an ETag',
        params: MessageParams,
        headers: z.looseObject({ 'if-none-match': z.string().optional() }),
        response: { 200: MessageView, 304: z.null(), ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { value, etag } = await mustRead(callersTenant(options).stores, request.params);
      reply.headers({ etag: quoted(etag), 'cache-control': 'private, no-cache' });
      if (isNamedBy(request.headers['if-none-match'], etag)) return reply.code(304).send(null);
      return reply.code(200).send(messageView(value));
    },
  );
}

async function* inState(messages: AsyncIterable<Metadata>, state: Metadata['state'] | undefined) {
  for await (const message of messages) if (state === undefined || message.state === state) yield message;
}
