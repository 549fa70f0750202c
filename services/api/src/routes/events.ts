import {
  EventAccepted,
  isIncomingTopic,
  isRecordingType,
  readHttpEvent,
  TOPICS,
  type IncomingEvent,
} from '@voicemail/contracts';
import type { NewRecord } from '@voicemail/event-log';
import type { ServedTenant } from '@voicemail/message-store';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { appendEvent } from '../append-event.ts';
import { leaveUnread, type Bodies } from '../body.ts';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { EventHeaders } from '../event-document.ts';
import { MAX_BODY_BYTES, MAX_RECORD_MEDIA_BYTES } from '../limits.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { problems } from '../responses.ts';
import { stageLarge } from '../stage-large.ts';

const TopicParams = z.object({
  topic: z.string().meta({ description: 'One of the incoming topics', examples: ['voicemail.deposits'] }),
});

/** The CloudEvents HTTP binding: how a publisher without a Kafka client gets events in. Bodies come as they are, of any type. */
export async function eventRoutes(app: App, options: ApiOptions, bodies: Bodies): Promise<void> {
  const { log, ids } = options;
  // Any type at all. By a pattern, for of '*' Fastify takes the type apart with each call.
  leaveUnread(app, /^/);
  app.post(
    '/v1/events/:topic',
    {
      schema: {
        tags: ['events'],
        summary: 'Appends an event to an incoming topic; 202 once it is durable',
        description:
          'The CloudEvents HTTP binding, binary mode (ce-* headers) or structured mode (application/cloudevents+json). ' +
          'What the events are is in /asyncapi.json.',
        params: TopicParams,
        headers: EventHeaders,
        response: { 202: EventAccepted, ...problems(400, 401, 403, 404, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { topic } = request.params;
      if (!isIncomingTopic(topic)) throw notFound('topic for events');
      refuseEncoded(request);
      const served = callersTenant(options);
      const isRecording = topic === TOPICS.deposits && isRecordingType(request.headers['content-type']);
      const bounds = { maxBytes: MAX_BODY_BYTES, heldBytes: isRecording ? MAX_RECORD_MEDIA_BYTES : MAX_BODY_BYTES };
      const accepted = await bodies.readOrStream(request, bounds, async (body) => {
        const isWhole = Buffer.isBuffer(body);
        const { event, record } = readHttpEvent(topic, request.headers, isWhole ? body : body.first);
        checkPlace(served, event, record);
        if (event.kind === 'gdpr-request') {
          return appendEvent(log, event.id, { ...record, key: served.tenant.tenantId });
        }
        const chunks = isWhole ? null : body.chunks;
        return appendEvent(log, event.id, await stageLarge(served.stores, event, record, chunks, ids));
      });
      return reply.code(202).send(accepted);
    },
  );
}

/** @throws HttpProblem 415: a recording would be kept as it came, and could not be played. */
function refuseEncoded({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') throw new HttpProblem(415, 'Send the body without a content encoding.');
}

/** @throws HttpProblem where the event is not the caller's, or for a region that the tenant does not have. */
function checkPlace({ tenant }: ServedTenant, event: IncomingEvent, { headers }: NewRecord): void {
  const isNamed = event.data.tenant !== undefined || event.kind !== 'gdpr-request';
  const isOthers = event.kind === 'gdpr-request' && ![undefined, tenant.tenantUuid].includes(event.data.ccid);
  if ((isNamed && event.data.tenant !== tenant.tenantId) || isOthers)
    throw new HttpProblem(403, "The event is not for the token's tenant.");
  if (event.kind !== 'deposit') return;
  const { region } = event.data;
  if (tenant.regions.some(({ name }) => name === region)) return;
  const path = headers?.['ce_region'] === undefined ? 'data.region' : 'ce-region';
  const message = `must be one of the tenant's regions: ${tenant.regions.map(({ name }) => name).join(', ')}`;
  throw new HttpProblem(400, 'The event is refused.', { faults: [{ path, message }] });
}
