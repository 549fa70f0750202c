import { ForgetRunBody, ForgetRunView } from '@voicemail/contracts';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { MAX_REBUILD_WAIT_SECONDS, MAX_UNSETTLED_MAILBOXES, REBUILD_LOOK_MS } from '../limits.ts';
import { problems } from '../responses.ts';

const Query = z.object({
  waitSeconds: z.coerce
    .number<string | number>()
    .pipe(z.int().min(0).max(MAX_REBUILD_WAIT_SECONDS))
    .default(0)
    .meta({ description: 'How long to wait until all is counted again' }),
});
const Rebuild = z
  .object({ mailboxes: z.int().meta({ description: 'How many are counted again' }) })
  .meta({ examples: [{ mailboxes: 12 }] });

/** What an operator has done. */
export function operationRoutes(app: App, { clock, mwi, gdpr, ...options }: ApiOptions): void {
  /** Whether no mailbox of the tenant waits to be counted or published. More than are looked at: it is not known, so no. */
  const isSettled = async (tenant: string): Promise<boolean> => {
    const waiting = await mwi.unsettled(MAX_UNSETTLED_MAILBOXES);
    return waiting.length < MAX_UNSETTLED_MAILBOXES && waiting.every((ref) => ref.tenant !== tenant);
  };

  app.post(
    '/v1/operations/mwi-rebuild',
    {
      schema: {
        tags: ['operations'],
        summary: 'Has every mailbox counted again from the stores; meanwhile the last good counts are served as stale',
        description: '200 when all was counted again within the wait, else 202: it goes on by itself.',
        querystring: Query,
        response: { 200: Rebuild, 202: Rebuild, ...problems(400, 401, 403, 415, 503) },
      },
    },
    async (request, reply) => {
      const { tenantId } = callersTenant(options).tenant;
      const untilMs = clock.monotonicMs() + request.query.waitSeconds * 1_000;
      const mailboxes = await mwi.invalidate(tenantId);
      while (clock.monotonicMs() < untilMs) {
        if (await isSettled(tenantId)) return reply.code(200).send({ mailboxes });
        await clock.sleep(REBUILD_LOOK_MS);
      }
      return reply.code(202).send({ mailboxes });
    },
  );

  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort(new Error('the server is stopping')));
  app.post(
    '/v1/operations/forget-run',
    {
      schema: {
        tags: ['operations'],
        summary: 'Runs the deletion rule once, now; a dry run says what a run at a time would delete',
        body: ForgetRunBody,
        response: { 200: ForgetRunView, ...problems(400, 401, 403, 415, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { dryRun, at } = request.body;
      const { deleted, kept } = dryRun
        ? await gdpr.previewRule(stores, at === undefined ? clock.now() : Date.parse(at))
        : await gdpr.runRule(stores, stopping.signal);
      return reply.send({ deleted: deleted.length, kept, items: deleted.map((item) => ({ ...item })) });
    },
  );
}
