import { kafkaServer, waitFor, whenAvailable, type KafkaServer } from '@voicemail/testing';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { freezingSockets } from './testing/freezing-sockets.ts';
import { allCommitted, client, openKafkaWorld } from './testing/kafka-world.ts';

const SESSION = { sessionTimeoutMs: 1_500 };

whenAvailable(await kafkaServer(), 'a member on Kafka that shows no life', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  it('is removed, commits nothing when it comes back, and takes part again', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const sockets = freezingSockets();
    onTestFinished(() => sockets.thaw());
    await world.append('a', '0', '1');
    const finish = Promise.withResolvers<void>();
    const handled: string[] = [];
    const zombie = await world.subscribe(
      {
        handle: async ([record]) => {
          handled.push(`zombie begins ${record?.offset}`);
          if (record?.offset === 0) await finish.promise;
          handled.push(`zombie ends ${record?.offset}`);
        },
      },
      { kafka: client(server.brokers, sockets.factory), ...SESSION },
    );
    await waitFor('it handles the first', () => handled.length === 1);
    sockets.freeze();
    const heir = await world.subscribe(
      { handle: async ([record]) => void handled.push(`heir ends ${record?.offset}`) },
      SESSION,
    );
    await world.append('a', '2');
    await heir.idle();
    expect(handled).toEqual(['zombie begins 0', 'heir ends 0', 'heir ends 1', 'heir ends 2']);
    expect(await world.committed()).toEqual([3]);
    finish.resolve();
    await waitFor('it has ended what it was at', () => handled.includes('zombie ends 0'));
    sockets.thaw();
    await waitFor('it is a member again', async () => {
      const { groups } = await world.admin.describeGroups([world.group]);
      return groups[0]?.state === 'Stable' && groups[0].members.length === 2;
    });
    expect(await world.committed()).toEqual([3]);
    await heir.stop(0);
    await world.append('a', '3');
    await zombie.idle();
    await allCommitted(world);
    expect(handled.slice(-2)).toEqual(['zombie begins 3', 'zombie ends 3']);
  });
});
