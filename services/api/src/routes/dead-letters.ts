import { DeadLetterList, DeadLetterReason, DeadLetterView, EventAccepted, ListQuery } from '@voicemail/contracts';
import { FIRST_TAKEN_HEADER } from '@voicemail/event-log';
import {
  listDeadLetters,
  readDeadLetter,
  readRejected,
  removeDeadLetter,
  type DeadLetterDocument,
  type DeadLetterHome,
} from '@voicemail/message-store';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { pageOf } from '../page.ts';
import { notFound } from '../problem.ts';
import { problems } from '../responses.ts';

const Params = z.object({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,255}$/, 'must be the id of a dead letter'),
});

/** What was rejected, and its replay. The embedded token has every role, so it sees the deployment's own letters too. */
export function deadLetterRoutes(app: App, options: ApiOptions): void {
  const { deployment, log } = options;
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
    async (request) => {
      const lists = await Promise.all(homes().map((home) => Array.fromAsync(listDeadLetters(home))));
      const letters = lists.flat().toSorted((a, b) => order(placeOf(a), placeOf(b)));
      const { items, ...next } = pageOf(letters, request.query, placeOf, (place, cursor) => order(place, cursor) > 0);
      return { items: items.map(viewOf), ...next };
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
    async (request) => viewOf((await mustFind(request.params.id)).letter),
  );

  app.post(
    '/v1/dead-letters/:id/replay',
    {
      schema: {
        tags: ['dead letters'],
        summary:
          'Appends a rejected record to its topic again and removes the dead letter; should it fail again it is another one',
        params: Params,
        response: { 202: EventAccepted, ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { home, letter } = await mustFind(request.params.id);
      const { topic, key, takenAt } = letter;
      const value = await readRejected(home, letter);
      const headers = { ...letter.headers, [FIRST_TAKEN_HEADER]: takenAt };
      const [position] = await log.append([{ topic, key, value, headers }]);
      if (position === undefined) throw new TypeError('the log gave no position for the record it took');
      await removeDeadLetter(home, letter);
      return reply.code(202).send({ id: letter.id, ...position });
    },
  );
}

function viewOf(letter: DeadLetterDocument): DeadLetterView {
  const { id, tenant, region, topic, partition, offset, detail, storedAt, at, takenAt, expiresAt } = letter;
  const reason = DeadLetterReason.parse(letter.reason);
  return { id, tenant, region, topic, partition, offset, reason, detail, storedAt, at, takenAt, expiresAt };
}

type Place = readonly [at: string, id: string];
const placeOf = ({ at, id }: DeadLetterDocument): Place => [at, id];

function order([atA, idA]: Place, [atB, idB]: Place): number {
  if (atA !== atB) return atA < atB ? 1 : -1;
  if (idA === idB) return 0;
  return idA < idB ? 1 : -1;
}
