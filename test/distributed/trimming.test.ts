import { glob } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { kafkaJava, kafkaServer, redisServer, searchBytes, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { distributedSite } from '../support/distributed.ts';
import type { Server } from '../support/server.ts';

const LIMIT_MS = 240_000;
const WAIT = { limitMs: 60_000, everyMs: 100 };
const DAY_MS = 24 * 3_600_000;
/** The brokers look all the time at what may go, and remove it at once. Otherwise they are as they come. */
const OFTEN = {
  'log.retention.check.interval.ms': 200,
  'log.initial.task.delay.ms': 200,
  'log.segment.delete.delay.ms': 100,
};
const UNPROCESSED = 'RIFF the recording of six and a half days ago';
const TOO_OLD = 'RIFF the recording of eight days ago';

const [java, redis] = [await kafkaJava(), await redisServer()];
const longAgo = fileURLToPath(new URL('../support/java/LongAgo.java', import.meta.url));

whenAvailable(await kafkaServer(), 'a recording in the log, on Kafka', (startKafka) => {
  whenAvailable(redis, 'and Redis', (startRedis) => {
    whenAvailable(java, 'taken days ago', (startJava) => {
      it(
        'stays on the broker’s disk while no consumer has stored it, and is gone from there soon after one has',
        async () => {
          const [broker, counts] = await Promise.all([startKafka({ properties: OFTEN }), startRedis()]);
          await using site = await distributedSite(broker.brokers, counts.url);
          const api = await site.start({ service: 'api' });
          const now = Date.now();
          const records = [
            ['7001', UNPROCESSED, now - 6.5 * DAY_MS],
            ['7002', TOO_OLD, now - 8 * DAY_MS],
          ];
          await (
            await startJava(longAgo, broker.brokers.join(','), ...records.flat().map(String))
          ).ended;
          const isOnDisk = async (audio: string): Promise<boolean> => {
            const folders = broker.nodes.map(({ dataFolder }) => dataFolder);
            const files = await Promise.all(folders.map((folder) => Array.fromAsync(glob(`${folder}/*/*.log`))));
            return (await searchBytes([audio], files.flat())).length > 0;
          };
          // What is older than the log keeps anything goes by the brokers' own rule: so they have looked at all that they have.
          await waitFor(
            'the brokers have looked',
            () => isOnDisk(TOO_OLD),
            (isThere) => !isThere,
            WAIT,
          );
          expect(await isOnDisk(UNPROCESSED)).toBe(true);

          const run = async (until: () => Promise<boolean>, what: string, limits = WAIT): Promise<void> => {
            const consumer = await site.start({ service: 'deposit-consumer' });
            const inVain = await waitFor(what, until, Boolean, limits).then(() => null, String);
            expect(await consumer.process.stop()).toEqual({ code: 0, signal: null });
            if (inVain !== null) throw new InVain(inVain);
          };
          await run(() => isStored(api), 'it is stored');
          // A consumer looks after its start at what is done, and every hour from then on: where that look came to nothing, another one starts.
          const hasLeft = async (): Promise<boolean> => !(await isOnDisk(UNPROCESSED));
          const look = (): Promise<void> => run(hasLeft, 'it has left the disk', { ...WAIT, limitMs: 20_000 });
          await look().catch((error: unknown) => {
            if (error instanceof InVain) return look();
            throw error;
          });
          expect(await isStored(api)).toBe(true);
          expect(await api.process.stop()).toEqual({ code: 0, signal: null });
        },
        LIMIT_MS,
      );
    });
  });
});

/** It was waited for and did not come. */
class InVain extends Error {}

/** Whether the recording of six and a half days ago is a message, to the byte. */
async function isStored(api: Server): Promise<boolean> {
  const media = await api.call('GET', '/v1/mailboxes/7001/messages/old/media');
  return media.ok && (await media.text()) === UNPROCESSED;
}
