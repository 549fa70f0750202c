import { kafkaServer, redisServer, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { distributedSite, type DistributedSite } from '../support/distributed.ts';
import { postDeposit, postEvent, type Server } from '../support/server.ts';

const LIMIT_MS = 300_000;
const WAIT = { limitMs: 120_000 };
const CALLER = '+15551212000';
const MESSAGES = ['m1', 'm2', 'm3', 'm4'];

interface Message {
  readonly forgetRequestIds?: readonly string[];
}

const redis = await redisServer();

whenAvailable(await kafkaServer(), 'GDPR requests on Kafka', (startKafka) => {
  whenAvailable(redis, 'and Redis', (startRedis) => {
    it(
      'are carried through by whichever saga lives, in the order of their intake',
      async () => {
        const [broker, counts] = await Promise.all([startKafka(), startRedis()]);
        await using site = await distributedSite(broker.brokers, counts.url);
        const [api, consumer, projector, ...sagas] = await Promise.all(
          ['api', 'deposit-consumer', 'mwi-projector', 'gdpr-saga', 'gdpr-saga'].map((service) =>
            site.start({ service }),
          ),
        );
        if (api === undefined || consumer === undefined || projector === undefined) throw new Error('all are started');
        for (const [index, messageId] of MESSAGES.entries()) {
          const region = index % 2 === 0 ? 'westus2' : 'westeurope';
          await postDeposit(api, { mailbox: '9876', messageId, callerId: CALLER, region });
        }
        const isStored = async (): Promise<boolean> =>
          (await Promise.all(MESSAGES.map((id) => api.call('GET', `/v1/mailboxes/9876/messages/${id}`)))).every(
            ({ ok }) => ok,
          );
        await waitFor('the deposits are stored', isStored, Boolean, WAIT);

        await forget(api, 'f1', 'forgetme');
        await kill(sagas);
        sagas.push(await startLate(site));
        await waitForStatus(api, 'f1', 'marked');
        expect(await marks(api)).toEqual(MESSAGES.map(() => ['f1']));

        await forget(api, 'u1', 'undoforget');
        await forget(api, 'f2', 'forgetme');
        await kill(sagas);
        await waitForStatus(api, 'f2', 'marked');
        expect(await statusOf(api, 'f1')).toBe('undone');
        expect(await statusOf(api, 'u1')).toBe('undone');
        expect(await marks(api)).toEqual(MESSAGES.map(() => ['f2']));
        for (const { process: one } of [api, consumer, projector, ...sagas]) await one.stop();
      },
      LIMIT_MS,
    );
  });
});

async function forget(api: Server, requestId: string, operation: string): Promise<void> {
  const data = {
    tenant: 't100',
    requestId,
    operation,
    consumers: [{ phone: CALLER }],
    requestedAt: new Date().toISOString(),
  };
  const answer = await postEvent(api, 'voicemail.gdpr.requests', 'voicemail.gdpr.request.v1', data, requestId);
  expect(answer.status).toBe(202);
}

/** One that may be at work, or not. */
async function kill(sagas: Server[]): Promise<void> {
  const victim = sagas.shift();
  if (victim === undefined) throw new Error('there is a saga to be killed');
  victim.process.signal('SIGKILL');
  await victim.process.exited;
}

const startLate = (site: DistributedSite): Promise<Server> => site.start({ service: 'gdpr-saga', isReady: false });

const statusOf = async (api: Server, requestId: string): Promise<string> => {
  const answer = await api.call('GET', `/v1/gdpr/requests/${requestId}`);
  return answer.ok ? ((await answer.json()) as { status: string }).status : `${answer.status}`;
};
const waitForStatus = (api: Server, requestId: string, status: string): Promise<string> =>
  waitFor(
    `${requestId} is ${status}`,
    () => statusOf(api, requestId),
    (found) => found === status,
    WAIT,
  );

async function marks(api: Server): Promise<readonly (readonly string[] | undefined)[]> {
  const messages = MESSAGES.map((id) => api.json<Message>('GET', `/v1/mailboxes/9876/messages/${id}`));
  return (await Promise.all(messages)).map(({ forgetRequestIds }) => forgetRequestIds);
}
