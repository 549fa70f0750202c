import { EventAccepted, isIncomingTopic, readHttpEvent, TOPICS, type IncomingEvent } from '@voicemail/contracts';
import type { ServedTenant } from '@voicemail/message-store';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { createIntake } from '../intake.ts';
import { MAX_BODY_BYTES } from '../limits.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { problems } from '../responses.ts';
import { stageLarge } from '../stage-large.ts';

/** The CloudEvents HTTP binding: how a publisher without a Kafka client gets events in. Bodies come as they are, of any type. */
export async function eventRoutes(app: App, options: ApiOptions): Promise<void> {
  const { log, ids } = options;
  const intake = createIntake();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', async (request, reply) => {
    const release = intake.admit(request.headers['content-length']);
    reply.raw.once('close', release);
  });
  app.post(
    '/v1/events/:topic',
    {
      schema: {
        tags: ['events'],
        summary: 'Appends an event to an incoming topic; 202 once it is durable',
        description:
          'The CloudEvents HTTP binding, binary mode (ce-* headers) or structured mode (application/cloudevents+json). ' +
          'What the events are is in /asyncapi.json.',
        params: z.object({ topic: z.string() }),
        response: { 202: EventAccepted, ...problems(400, 401, 403, 404, 413, 503) },
      },
    },
    async (request, reply) => {
      const { topic } = request.params;
      if (topic === TOPICS.gdprRequests) throw new HttpProblem(400, 'This deployment does not take GDPR requests yet.');
      if (!isIncomingTopic(topic)) throw notFound('topic for events');
      const served = callersTenant(options);
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const { event, record } = readHttpEvent(topic, request.headers, body);
      checkPlace(served, event);
      const [position] = await log.append([await stageLarge(served.stores, event, record, ids)]);
      if (position === undefined) throw new TypeError('the log gave no position for the record it took');
      return reply.code(202).send({ id: event.id, ...position });
    },
  );
}

/** @throws HttpProblem where the event is not the caller's, or for a region that the tenant does not have. */
function checkPlace({ tenant }: ServedTenant, event: IncomingEvent): void {
  if (event.data.tenant !== tenant.tenantId) throw new HttpProblem(403, "The event is not for the token's tenant.");
  if (event.kind !== 'deposit') return;
  const { region } = event.data;
  if (tenant.regions.some(({ name }) => name === region)) return;
  const message = `must be one of the tenant's regions: ${tenant.regions.map(({ name }) => name).join(', ')}`;
  throw new HttpProblem(400, 'The event is refused.', { faults: [{ path: 'region', message }] });
}
