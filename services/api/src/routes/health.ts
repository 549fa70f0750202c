import { z } from 'zod';
import type { App, HealthServerOptions } from '../context.ts';

const Report = z
  .object({
    status: z.enum(['ready', 'not-ready']),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ examples: [{ status: 'ready', checks: [{ name: 'log', ok: true }] }] });
const Liveness = z.object({ status: z.literal('alive') }).meta({ examples: [{ status: 'alive' }] });
const PUBLIC = { tags: ['health'], security: [] };

/** Whether the process lives, and whether it can do what it is for. Need no token. */
export function healthRoutes(app: App, { health, metrics }: HealthServerOptions): void {
  const isPublic = { config: { isPublic: true } };
  app.get(
    '/healthz',
    {
      ...isPublic,
      schema: {
        ...PUBLIC,
        summary: 'The process lives',
        response: { 200: Liveness },
      },
    },
    async () => ({ status: 'alive' as const }),
  );
  app.get(
    '/readyz',
    {
      ...isPublic,
      schema: {
        ...PUBLIC,
        summary: 'The process can do what it is for; 503 says what cannot',
        response: { 200: Report, 503: Report },
      },
    },
    async (_request, reply) => {
      const { ready, checks } = await health.report();
      const named = checks.map(({ name, ok, detail }) => ({ name, ok, ...(detail === undefined ? {} : { detail }) }));
      return ready
        ? reply.code(200).send({ status: 'ready' as const, checks: named })
        : reply.code(503).send({ status: 'not-ready' as const, checks: named });
    },
  );
  app.get(
    '/metrics',
    {
      ...isPublic,
      schema: {
        ...PUBLIC,
        summary: 'Metrics in the Prometheus text format',
        response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => {
      const { contentType, text } = await metrics.expose();
      return reply.header('content-type', contentType).send(text);
    },
  );
}
