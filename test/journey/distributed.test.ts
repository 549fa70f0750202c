import {
  kafkaServer,
  redisServer,
  spawned,
  tempFolder,
  waitFor,
  whenAvailable,
  type KafkaServer,
  type RedisServer,
} from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { distributedSite, type DistributedSite } from '../support/distributed.ts';
import { allMessages, postDeposit, waitForLamp, type Server } from '../support/server.ts';

const LIMIT_MS = 120_000;
const WAIT = { limitMs: 60_000 };
const DEPOSITS = 30;
const MAIN = 'services/voicemail/src/main.ts';
const MAILBOXES = ['1001', '1002', '1003'];

const kafka = await kafkaServer();
const redis = await redisServer();

whenAvailable(kafka, 'the services on Kafka', (startKafka) => {
  whenAvailable(redis, 'and Redis', (startRedis) => {
    let broker: KafkaServer;
    let counts: RedisServer;
    let site: DistributedSite;
    beforeAll(async () => {
      [broker, counts] = await Promise.all([startKafka(), startRedis()]);
      site = await distributedSite(broker.brokers, counts.url);
      return () => site[Symbol.asyncDispose]();
    }, LIMIT_MS);

    const postAll = async (server: Server, name: string): Promise<void> => {
      for (let number = 0; number < DEPOSITS; number += 1) {
        const mailbox = MAILBOXES[number % MAILBOXES.length] ?? '1001';
        const answer = await postDeposit(server, { mailbox, messageId: `${name}-${number}`, callerId: '+15551212000' });
        expect(answer.status).toBe(202);
      }
    };
    /** The lamp of each mailbox, once all that was posted is counted. */
    const waitForCounts = async (server: Server, each: number): Promise<void> => {
      for (const mailbox of MAILBOXES) await waitForLamp(server, mailbox, (lamp) => lamp.new === each, WAIT);
    };

    describe('of several processes', () => {
      it(
        'share the work; one that is killed in the middle is done without, and nothing is lost or doubled',
        async () => {
          const [first, second] = await Promise.all([site.start(), site.start()]);
          await Promise.all([postAll(first, 'a'), postAll(second, 'b')]);
          await waitForCounts(first, (2 * DEPOSITS) / MAILBOXES.length);
          const posting = postAll(first, 'c');
          await waitFor('the other is killed in the middle of it', async () => {
            const { new: seen } = await first.json<{ new: number }>('GET', '/v1/mwi/1001');
            return seen > (2 * DEPOSITS) / MAILBOXES.length;
          });
          second.process.signal('SIGKILL');
          await Promise.all([posting, second.process.exited]);
          await waitForCounts(first, (3 * DEPOSITS) / MAILBOXES.length);
          for (const mailbox of MAILBOXES) {
            const ids = (await allMessages(first, mailbox)).map(({ messageId }) => messageId);
            expect(ids).toHaveLength((3 * DEPOSITS) / MAILBOXES.length);
            expect(new Set(ids).size).toBe(ids.length);
          }
          expect(await first.process.stop()).toEqual({ code: 0, signal: null });
        },
        LIMIT_MS,
      );
    });

    describe('of a process each', () => {
      it(
        'do together what one process does alone, and tell of their health by themselves',
        async () => {
          const [api, consumer, projector] = await Promise.all(
            ['api', 'deposit-consumer', 'mwi-projector'].map((service) => site.start({ service })),
          );
          if (api === undefined || consumer === undefined || projector === undefined)
            throw new Error('there are three');
          await postDeposit(api, { mailbox: '77', messageId: 'one', callerId: '+15551212000' });
          await waitForLamp(api, '77', (lamp) => lamp.new === 1 && !lamp.stale, WAIT);
          for (const { url } of [consumer, projector]) {
            const metrics = await (await fetch(`${url}/metrics`)).text();
            expect([metrics.includes('voicemail_'), metrics.includes('process_cpu_seconds_total')]).toEqual([
              true,
              true,
            ]);
            expect((await fetch(`${url}/v1/mailboxes`)).status).toBe(404);
          }
          // What waits for a service waits in the log.
          expect(await projector.process.stop()).toEqual({ code: 0, signal: null });
          await postDeposit(api, { mailbox: '77', messageId: 'two' });
          await waitFor(
            'it is stored',
            () => allMessages(api, '77'),
            ({ length }) => length === 2,
            WAIT,
          );
          const again = await site.start({ service: 'mwi-projector' });
          await waitForLamp(api, '77', (lamp) => lamp.new === 2, WAIT);
          for (const { process } of [api, consumer, again])
            expect(await process.stop()).toEqual({ code: 0, signal: null });
        },
        LIMIT_MS,
      );
    });

    describe('of which none runs', () => {
      it(
        'are examined by the doctor: what answers, and what does not',
        async () => {
          const examine = async (
            env: Readonly<Record<string, string>>,
          ): Promise<{ code: number | null; said: string }> => {
            const doctor = await spawned({
              command: [MAIN, 'doctor'],
              env: { ...site.env, DATA_DIR: await tempFolder(), ...env },
            });
            const { code } = await doctor.exited;
            return { code, said: doctor.output() };
          };
          const fine = await examine({});
          expect(fine.said).toMatch(/kafka +answers at/);
          expect(fine.said).toMatch(/redis +answers/);
          const wrong = await examine({ REDIS_URL: 'redis://127.0.0.1:1' });
          expect(wrong.code).toBe(1);
          expect(wrong.said).toContain('Look at REDIS_URL');
        },
        LIMIT_MS,
      );
    });

    describe('of which one', () => {
      it(
        'is gone says so, and goes on when it is back: Redis, empty, is filled again',
        async () => {
          const server = await site.start();
          await postDeposit(server, { mailbox: '42', messageId: 'one' });
          const before = await waitForLamp(server, '42', (lamp) => lamp.new === 1, WAIT);
          await counts.kill();
          await waitFor(
            'it is not ready',
            async () => (await fetch(`${server.url}/readyz`)).status === 503,
            Boolean,
            WAIT,
          );
          expect((await postDeposit(server, { mailbox: '42', messageId: 'two' })).status).toBe(202);
          await counts.restart();
          const after = await waitForLamp(server, '42', (lamp) => lamp.new === 2 && !lamp.stale, WAIT);
          expect(after.revision).toBeGreaterThan(before.revision);
          await waitFor('it is ready', async () => (await fetch(`${server.url}/readyz`)).ok, Boolean, WAIT);
          expect(await server.process.stop()).toEqual({ code: 0, signal: null });
        },
        LIMIT_MS,
      );

      it(
        'is gone says so, and goes on when it is back: Kafka',
        async () => {
          const server = await site.start();
          await postDeposit(server, { mailbox: '43', messageId: 'one' });
          await waitForLamp(server, '43', (lamp) => lamp.new === 1, WAIT);
          await broker.kill();
          const isReady = async (): Promise<boolean> => (await fetch(`${server.url}/readyz`)).ok;
          await waitFor('it is not ready', isReady, (ready) => !ready, WAIT);
          const refused = await postDeposit(server, { mailbox: '43', messageId: 'two' });
          expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
          await broker.restart();
          const three = async (): Promise<number> =>
            (await postDeposit(server, { mailbox: '43', messageId: 'three' })).status;
          await waitFor('an event is taken again', three, (status) => status === 202, WAIT);
          const idsOf = async (): Promise<string[]> =>
            (await allMessages(server, '43')).map(({ messageId }) => messageId);
          // One that was refused may have been taken all the same.
          const ids = await waitFor('it is stored', idsOf, (found) => found.includes('three'), WAIT);
          expect(ids).toContain('one');
          await waitForLamp(server, '43', (lamp) => lamp.new === ids.length, WAIT);
          expect(new Set(ids).size).toBe(ids.length);
          await waitFor('it is ready', isReady, Boolean, WAIT);
          expect(await server.process.stop()).toEqual({ code: 0, signal: null });
        },
        LIMIT_MS,
      );
    });
  });
});
