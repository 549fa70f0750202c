import { isLongForm, kafkaServer, redisServer, whenAvailable } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { expectAllIsThere, secondsUntilCounted } from '../support/all-is-there.ts';
import { distributedSite } from '../support/distributed.ts';
import { watchLamps } from '../support/lamp-watch.ts';
import { publishers } from '../support/publishers.ts';

const LIMITS = { limitMs: 120_000 };
/** So many that their keys are in partitions of every leader. */
const MAILBOXES = Array.from({ length: 12 }, (_, index) => String(2_000 + index));

const redis = await redisServer();

whenAvailable(await kafkaServer(), 'two servers under load on three brokers', (startKafka) => {
  whenAvailable(redis, 'and on Redis with a replica', (startRedis) => {
    it(
      'lose nothing and double nothing when a leader is killed, and when Redis fails over without the last writes',
      async () => {
        const [brokers, counts] = await Promise.all([startKafka({ nodes: 3 }), startRedis({ replica: true })]);
        const { sentinel } = counts.replica!;
        await using site = await distributedSite(brokers.brokers, sentinel.url);
        const env = { REDIS_SENTINEL_NAME: sentinel.name };
        const [first, second] = await Promise.all([site.start({ env }), site.start({ env })]);
        const load = publishers([first, second], MAILBOXES);
        await secondsUntilCounted(first, load, LIMITS);
        const lamps = watchLamps(first, MAILBOXES);

        const recovers = async (what: string): Promise<void> => {
          const seconds = await secondsUntilCounted(first, load, LIMITS);
          process.stdout.write(`${what}: everything was counted ${seconds.toFixed(1)} s after it\n`);
        };

        // Each leads a third of all partitions.
        for (const node of isLongForm() ? brokers.nodes : brokers.nodes.slice(0, 1)) {
          await node.kill();
          await recovers(`broker ${node.id} was killed`);
          await node.restart();
        }

        await counts.replica!.cut();
        await secondsUntilCounted(first, load, LIMITS);
        const before = lamps.staleSeen();
        await counts.replica!.promote();
        await recovers('Redis failed over');
        expect(lamps.staleSeen()).toBeGreaterThan(before);

        await load.stop();
        await expectAllIsThere(first, load, brokers.brokers, LIMITS);
        await lamps.stop();
        for (const { process: one } of [first, second]) expect(await one.stop()).toEqual({ code: 0, signal: null });
      },
      LIMITS.limitMs * 3,
    );
  });
});
