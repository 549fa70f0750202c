import { kafkaServer, waitFor, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { openKafkaWorld } from './testing/kafka-world.ts';

const LIMIT = { limitMs: 40_000 };
const TEST_LIMIT_MS = 120_000;

whenAvailable(shared(await kafkaServer()), 'a member on Kafka whose client gives up', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  it('says so, and joins when those have left that it cannot work with', { timeout: TEST_LIMIT_MS }, async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    // It knows only the client's own way of giving out partitions.
    const foreign = world.kafka.consumer({ groupId: world.group });
    onTestFinished(() => foreign.disconnect());
    await foreign.connect();
    await foreign.subscribe({ topics: [world.topic] });
    const joined = Promise.withResolvers<void>();
    foreign.on(foreign.events.GROUP_JOIN, () => joined.resolve());
    await foreign.run({ eachBatch: async () => {} });
    // Who comes first is in the group; the other one is refused.
    await joined.promise;
    await world.append('a', '1');
    const seen: string[] = [];
    const troubles: string[] = [];
    const subscription = await world.subscribe({
      handle: async ([record]) => void seen.push(new TextDecoder().decode(record?.value ?? undefined)),
      onFailure: (error) => void troubles.push(String(error)),
    });
    const isTold = () => troubles.some((trouble) => trouble.startsWith('LogError: the log cannot be read'));
    await waitFor('the trouble is told', isTold, Boolean, LIMIT);
    expect(seen).toEqual([]);
    await foreign.disconnect();
    await world.append('a', '2');
    await waitFor('it has joined', () => seen.includes('2'), Boolean, LIMIT);
    await subscription.idle();
  });
});
