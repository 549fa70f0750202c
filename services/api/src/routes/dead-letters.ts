import { DeadLetterList, DeadLetterReason, DeadLetterView, EventAccepted, ListQuery } from '@voicemail/contracts';
import { FIRST_POSITION_HEADER, FIRST_TAKEN_HEADER } from '@voicemail/event-log';
import {
  listDeadLetters,
  readDeadLetter,
  readRejected,
  removeDeadLetter,
  reportNotErased,
  type DeadLetterDocument,
  type DeadLetterHome,
} from '@voicemail/message-store';
import { z } from 'zod';
import { appendEvent } from '../append-event.ts';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { MAX_REPLAY_AGE_MS } from '../limits.ts';
import { newestFirst } from '../newest-first.ts';
import { pageOf } from '../page.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { problems } from '../responses.ts';

const Params = z.object({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,299}$/, 'must be the id of a dead letter'),
});

const byTime = newestFirst<DeadLetterDocument>('dead letters', ({ at, id }) => [at, id]);

/** What was rejected, and its replay. The embedded token has every role, so it sees the deployment's own letters too. */
export function deadLetterRoutes(app: App, options: ApiOptions): void {
  const { deployment, log, clock } = options;
  const homes = (): readonly DeadLetterHome[] => [
    { tenant: callersTenant(options).stores, deployment },
    { tenant: null, deployment },
  ];
  const mustFind = async (id: string): Promise<{ home: DeadLetterHome; letter: DeadLetterDocument }> => {
    for (const home of homes()) {
      const letter = await readDeadLetter(home, id);
      if (letter !== null) return { home, letter };
    }
    throw notFound('dead letter');
  };

  app.get(
    '/v1/dead-letters',
    {
      schema: {
        tags: ['dead letters'],
        summary: 'Rejected records, newest first',
        querystring: ListQuery,
        response: { 200: DeadLetterList, ...problems(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { items, ...next } = await pageOf(allOf(homes()), request.query, byTime);
      return reply.send({ items: items.map(viewOf), ...next });
    },
  );

  app.get(
    '/v1/dead-letters/:id',
    {
      schema: {
        tags: ['dead letters'],
        summary: 'A rejected record: where it was and why; not what it held',
        params: Params,
        response: { 200: DeadLetterView, ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => reply.send(viewOf((await mustFind(request.params.id)).letter)),
  );

  app.post(
    '/v1/dead-letters/:id/replay',
    {
      schema: {
        tags: ['dead letters'],
        summary:
          'Appends a rejected record to its topic again and removes the dead letter; should it fail again it is another one',
        params: Params,
        response: { 202: EventAccepted, ...problems(400, 401, 403, 404, 409, 415, 503) },
      },
    },
    async (request, reply) => {
      const { home, letter } = await mustFind(request.params.id);
      const { topic, key, takenAt } = letter;
      if (clock.now() - Date.parse(takenAt) > MAX_REPLAY_AGE_MS) {
        throw new HttpProblem(409, 'The record is older than 30 days: it might bring back what was deleted since.');
      }
      const value = await readRejected(home, letter);
      const { [FIRST_POSITION_HEADER]: _position, ...kept } = letter.headers;
      const headers = { [FIRST_TAKEN_HEADER]: takenAt, ...kept };
      const accepted = await appendEvent(log, letter.id, { topic, key, value, headers });
      // Should this fail, the call is made again: the record that comes twice changes nothing.
      reportNotErased(options, letter.tenant, await removeDeadLetter(home, letter));
      return reply.code(202).send(accepted);
    },
  );
}

function viewOf(letter: DeadLetterDocument): DeadLetterView {
  const { id, tenant, region, topic, partition, offset, detail, storedAt, at, takenAt, expiresAt } = letter;
  const reason = DeadLetterReason.parse(letter.reason);
  return { id, tenant, region, topic, partition, offset, reason, detail, storedAt, at, takenAt, expiresAt };
}

async function* allOf(homes: readonly DeadLetterHome[]): AsyncGenerator<DeadLetterDocument> {
  for (const home of homes) yield* listDeadLetters(home);
}
