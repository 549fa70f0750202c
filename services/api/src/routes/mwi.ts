import { MwiView, UserMwiView } from '@voicemail/contracts';
import type { ServedTenant } from '@voicemail/message-store';
import { mwiData, type MwiSnapshot } from '@voicemail/mwi-store';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { isInStores } from '../mailbox-view.ts';
import { MailboxParams } from '../params.ts';
import { notFound, unavailable, type HttpProblem } from '../problem.ts';
import { problems } from '../responses.ts';

const UserParams = z.object({
  user: z
    .string()
    .min(1)
    .max(256)
    .refine((text) => !/\p{Cc}/u.test(text), 'must hold no control characters'),
});

/** The lamps: of one mailbox, and of all that a user has. */
export function mwiRoutes(app: App, options: ApiOptions): void {
  app.get(
    '/v1/mwi/:mailbox',
    {
      schema: {
        tags: ['mwi'],
        summary: "A mailbox's lamp; stale where the counts cannot be confirmed now",
        params: MailboxParams,
        response: { 200: MwiView, ...problems(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const served = callersTenant(options);
      const { mailbox } = request.params;
      const snapshot = await options.mwi.read({ tenant: served.tenant.tenantId, mailbox });
      if (snapshot === null) throw await unknownLamp(served, mailbox);
      return reply.send(viewOf(served, snapshot));
    },
  );

  app.get(
    '/v1/users/:user/mwi',
    {
      schema: {
        tags: ['mwi'],
        summary: 'The lamps of every mailbox that a user has, personally or by a group',
        params: UserParams,
        response: { 200: UserMwiView, ...problems(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const served = callersTenant(options);
      const { user } = request.params;
      const lamps = await options.mwi.mailboxesOfUser(served.tenant.tenantId, user);
      const mailboxes = lamps.map((lamp) => viewOf(served, lamp));
      return reply.send({ user, accessNumber: served.tenant.accessNumber, mailboxes });
    },
  );
}

/** Whose counts were lost, with the last good ones, or are not there yet, is not told that there is no mailbox: its lamp would go off. */
async function unknownLamp({ stores }: ServedTenant, mailbox: string): Promise<HttpProblem> {
  const isThere = await isInStores(stores, mailbox);
  return isThere ? unavailable('The mailbox is not counted yet. Try again.') : notFound('mailbox');
}

const viewOf = ({ tenant }: ServedTenant, snapshot: MwiSnapshot): MwiView => ({
  ...mwiData(snapshot, tenant.sipDomain),
  stale: snapshot.stale,
});
