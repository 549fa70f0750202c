import { kafkaServer, waitFor, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openKafkaWorld } from './testing/kafka-world.ts';
import { topicAssigner } from './topic-assigner.ts';

// What `patches/` changes in the client, where nothing else would show that it is gone.
whenAvailable(shared(await kafkaServer()), 'the patched client', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  it('sets no timers for a queue of requests that is empty', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    await world.subscribe({ handle: async () => {} });
    const setting = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => setting.mockRestore());
    for (let count = 0; count < 20; count += 1) await world.ends();
    const immediately = setting.mock.calls.filter(([, delayMs]) => !(Number(delayMs) > 0));
    expect(immediately).toEqual([]);
  });

  it('leaves the group though it was stopped while it joined', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    await world.append('a', '1');
    const finish = Promise.withResolvers<void>();
    let started = false;
    await world.subscribe({
      handle: async () => {
        started = true;
        await finish.promise;
      },
    });
    await waitFor('it is being handled', () => started);
    const joining = world.kafka.consumer({ groupId: world.group, partitionAssigners: [topicAssigner] });
    onTestFinished(() => joining.disconnect());
    await joining.connect();
    await joining.subscribe({ topics: [world.topic] });
    const joined = joining.run({ eachBatch: async () => {} });
    const group = async () => (await world.admin.describeGroups([world.group])).groups[0];
    await waitFor('it joins', async () => (await group())?.state === 'PreparingRebalance');
    await joining.stop();
    finish.resolve();
    await joined;
    const alone = await waitFor(
      'the other one is alone',
      group,
      (seen) => seen?.state === 'Stable' && seen.members.length === 1,
    );
    expect(alone?.members).toHaveLength(1);
  });
});
