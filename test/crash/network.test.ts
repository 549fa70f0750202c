import { setTimeout as pause } from 'node:timers/promises';
import {
  isLongForm,
  kafkaServer,
  openTcpProxy,
  redisServer,
  waitFor,
  whenAvailable,
  type TcpProxy,
} from '@voicemail/testing';
import { expect, it } from 'vitest';
import { expectAllIsThere, secondsUntilCounted } from '../support/all-is-there.ts';
import { distributedSite } from '../support/distributed.ts';
import { watchLamps } from '../support/lamp-watch.ts';
import { publishers } from '../support/publishers.ts';
import type { Server } from '../support/server.ts';

const LIMITS = { limitMs: 60_000 };
const MAILBOXES = ['3001', '3002', '3003', '3004', '3005'];
/** Longer than a member of a group may be silent: others take its partitions, and it has to find out. */
const LONGER_THAN_A_SESSION_MS = 7_000;
const SLOW = { kind: 'slow', delayMs: 30, bytesPerSecond: 500_000 } as const;

const redis = await redisServer();

whenAvailable(await kafkaServer(), 'two servers under load, with a bad network to Kafka', (startKafka) => {
  whenAvailable(redis, 'and to Redis', (startRedis) => {
    it(
      'lose nothing, double nothing and recover without a hand when it is cut, hung and slow, and when Redis comes back empty',
      async () => {
        await using toKafka = await openTcpProxy();
        await using toRedis = await openTcpProxy();
        const advertised = { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${toKafka.port}` };
        const [broker, counts] = await Promise.all([startKafka({ properties: advertised }), startRedis()]);
        toKafka.leadTo(portOf(broker.brokers[0] ?? ''));
        toRedis.leadTo(portOf(counts.url));
        const through = [`127.0.0.1:${toKafka.port}`];
        await using site = await distributedSite(through, `redis://127.0.0.1:${toRedis.port}`);
        const [first, second] = await Promise.all([site.start(), site.start()]);
        const load = publishers([first, second], MAILBOXES);
        await secondsUntilCounted(first, load, LIMITS);
        const lamps = watchLamps(first, MAILBOXES);
        const recovers = async (what: string): Promise<void> => {
          const seconds = await secondsUntilCounted(first, load, LIMITS);
          process.stdout.write(`${what}: everything was counted ${seconds.toFixed(1)} s after it\n`);
        };
        const cut = async (what: string, proxy: TcpProxy): Promise<void> => {
          proxy.become({ kind: 'cut' });
          await becomesUnready(first);
          proxy.become({ kind: 'fair' });
          await recovers(`${what} cut`);
        };
        const hang = async (what: string, proxy: TcpProxy): Promise<void> => {
          proxy.become({ kind: 'hung' });
          await pause(LONGER_THAN_A_SESSION_MS);
          proxy.become({ kind: 'fair' });
          await recovers(`${what} hung for ${LONGER_THAN_A_SESSION_MS / 1_000} s`);
        };

        await cut('Redis', toRedis);
        await cut('Kafka', toKafka);
        await hang('Kafka', toKafka);
        if (isLongForm()) await hang('Redis', toRedis);
        for (const proxy of [toKafka, toRedis]) proxy.become(SLOW);
        await recovers('both slow, while they are');
        for (const proxy of [toKafka, toRedis]) proxy.become({ kind: 'fair' });
        await counts.restart();
        await recovers('Redis restarted empty');

        await load.stop();
        await expectAllIsThere(first, load, through, LIMITS);
        await lamps.stop();
        for (const { process: one } of [first, second]) expect(await one.stop()).toEqual({ code: 0, signal: null });
      },
      LIMITS.limitMs * 3,
    );
  });
});

const portOf = (address: string): number => Number(/:(\d+)$/.exec(address)?.[1]);

const becomesUnready = (server: Server): Promise<boolean> =>
  waitFor(
    'it is not ready',
    async () => (await fetch(`${server.url}/readyz`)).ok,
    (ready) => !ready,
    LIMITS,
  );
