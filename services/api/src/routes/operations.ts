import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { problems } from '../responses.ts';

/** What an operator has done. */
export function operationRoutes(app: App, options: ApiOptions): void {
  app.post(
    '/v1/operations/mwi-rebuild',
    {
      schema: {
        tags: ['operations'],
        summary: 'Has every mailbox counted again from the stores; meanwhile the last good counts are served as stale',
        response: { 202: z.object({ mailboxes: z.int() }), ...problems(401, 403, 503) },
      },
    },
    async (_request, reply) => {
      const mailboxes = await options.mwi.invalidate(callersTenant(options).tenant.tenantId);
      return reply.code(202).send({ mailboxes });
    },
  );
}
