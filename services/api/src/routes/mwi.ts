import { MwiView, UserMwiView } from '@voicemail/contracts';
import type { ServedTenant } from '@voicemail/message-store';
import { mwiData, type MwiSnapshot } from '@voicemail/mwi-store';
import { z } from 'zod';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { isInStores } from '../mailbox-view.ts';
import { MailboxParams } from '../params.ts';
import { notFound, unavailable } from '../problem.ts';
import { problems } from '../responses.ts';
import { waitUntil } from '../wait-until.ts';

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
      const read = () => options.mwi.read({ tenant: served.tenant.tenantId, mailbox });
      const snapshot = (await read()) ?? (await counted(options, served, mailbox, read));
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

/**
 * The lamp of a mailbox that has no counts: those of its first deposit come in a moment, and are waited for as an action is. Of one whose counts
 * were lost, with the last good ones, it is not told that there is no mailbox: its lamp would go off.
 * @throws HttpProblem 404 where there is none, 503 where it is not counted in time.
 */
async function counted(
  { clock }: ApiOptions,
  { stores }: ServedTenant,
  mailbox: string,
  read: () => Promise<MwiSnapshot | null>,
): Promise<MwiSnapshot> {
  if (!(await isInStores(stores, mailbox))) throw notFound('mailbox');
  const snapshot = await waitUntil(clock, read);
  if (snapshot === null) throw unavailable('The mailbox is not counted yet. Try again.');
  return snapshot;
}

const viewOf = ({ tenant }: ServedTenant, snapshot: MwiSnapshot): MwiView => ({
  ...mwiData(snapshot, tenant.sipDomain),
  stale: snapshot.stale,
});
