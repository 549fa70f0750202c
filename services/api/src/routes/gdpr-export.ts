import type { Readable } from 'node:stream';
import type { RequestState } from '@voicemail/domain';
import { EXPORT_AHEAD, exportPackage, RegionGone } from '@voicemail/gdpr';
import { readNumbers, type TenantStores } from '@voicemail/message-store';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import type { AcceptedRequests } from '../accepted-requests.ts';
import type { OpenRecordings } from '../open-recordings.ts';
import { GdprRequestParams } from '../params.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { streamOf } from '../recording.ts';
import { problems } from '../responses.ts';

/** The package of an export, made of the stores as it is read (CONTRACT section 7). */
export function gdprExportRoute(app: App, options: ApiOptions, open: OpenRecordings, accepted: AcceptedRequests): void {
  const { ledgers, clock, logger } = options;
  app.get(
    '/v1/gdpr/requests/:requestId/export',
    {
      // It would make the whole package to say how long it is.
      exposeHeadRoute: false,
      schema: {
        tags: ['gdpr'],
        summary: 'The package of an export: recordings, rejected records, index.json and index.html in a ZIP',
        description:
          'Made of the stores as it is read. A connection that ends before the ZIP does means that a region failed, or that nothing was read for a minute: begin again.',
        params: GdprRequestParams,
        response: {
          200: {
            description: 'The package',
            content: { 'application/zip': { schema: z.unknown().meta({ description: 'A ZIP' }) } },
          },
          ...problems(400, 401, 403, 404, 409, 410, 503),
        },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { requestId } = request.params;
      const { requests } = await ledgers(stores).refresh();
      const asked = requests.get(requestId);
      if (asked === undefined) {
        const coming = accepted.find(stores.tenant, requestId);
        if (coming === undefined) throw notFound('request');
        throw coming.state.operation === 'exportme' ? notYet() : noExport();
      }
      const numbers = await numbersOf(stores, asked);
      const begin = async (): Promise<Readable> => {
        const parts = exportPackage({ stores, request: asked, numbers, nowMs: clock.now() });
        return (await streamOf(parts, clock).catch(regionIsThere)).once('error', (error) => {
          logger.warn({ err: error, tenant: stores.tenant, requestId }, 'an export broke off');
        });
      };
      const stream = await open.listened(begin, EXPORT_AHEAD);
      logger.info({ tenant: stores.tenant, requestId }, 'the package of an export is read');
      return reply
        .code(200)
        .header('cache-control', 'private, no-store')
        .header('content-disposition', `attachment; filename="${requestId}.zip"`)
        .type('application/zip')
        .send(stream);
    },
  );
}

const noExport = (): HttpProblem => new HttpProblem(404, 'The request is no export: there is no package of it.');
const notYet = (): HttpProblem => new HttpProblem(409, 'The request is not exported yet. Try again when it is.');

/** @throws HttpProblem 404, 409, 410 where there is no package, not yet or any more. */
async function numbersOf(stores: TenantStores, asked: RequestState): Promise<readonly (string | null)[]> {
  const { operation, phase, hasNumbers, requestId } = asked;
  if (operation !== 'exportme') throw noExport();
  const numbers = hasNumbers ? await readNumbers(stores, requestId) : null;
  // An anonymous caller has none, and an export of nobody else an empty package.
  if (numbers === null || (numbers.length > 0 && numbers.every((number) => number === null))) {
    throw new HttpProblem(410, 'The callers of the request are erased: there is nothing of them any more.');
  }
  if (phase === 'failed') throw new HttpProblem(409, 'The export failed. The request says why.');
  if (phase !== 'exported') throw notYet();
  return numbers;
}

function regionIsThere(error: unknown): never {
  if (error instanceof RegionGone) throw new HttpProblem(503, error.message);
  throw error;
}
