import type { FastifyRequest } from 'fastify';
import type { HealthServerOptions, App } from './context.ts';

/** Calls by route, never by path: a path names mailboxes. No header, query, body or address is noted anywhere. */
export function measure(app: App, { metrics, logger }: HealthServerOptions): void {
  const seconds = metrics.histogram({
    name: 'voicemail_http_seconds',
    help: 'Duration of calls.',
    labels: ['method', 'route', 'status'],
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: routeOf(request), status: String(reply.statusCode) };
    seconds.observe(labels, reply.elapsedTime / 1_000);
    logger.debug({ ...labels, ms: Math.round(reply.elapsedTime) }, 'call');
  });
}

/** The pattern of a call's route, with the names of its parameters in place of what they hold. */
export const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';
