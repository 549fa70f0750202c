import { kafkaServer, waitFor, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Holding } from '../port.ts';
import { freezingSockets } from './testing/freezing-sockets.ts';
import { allCommitted, client, openKafkaWorld } from './testing/kafka-world.ts';
import { readUncommitted } from './testing/read-uncommitted.ts';

const SESSION = { sessionTimeoutMs: 4_000 };

whenAvailable(shared(await kafkaServer()), 'a member on Kafka that shows no life', (start) => {
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

  it('appends nothing by its holding once another one has the partition, and has one again when it takes part', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const sockets = freezingSockets();
    onTestFinished(() => sockets.thaw());
    await world.append('a', 'old');
    const tell = async (holding: Holding | null, value: string): Promise<void> => {
      await holding?.append([{ topic: world.told, key: 'a', value: Buffer.from(value) }]);
    };
    const goOn = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<unknown>();
    const failures: unknown[] = [];
    let calls = 0;
    const zombie = await world.subscribe(
      {
        isFenced: true,
        handle: async ([record], _, holding) => {
          calls += 1;
          if (calls > 1) return tell(holding, `zombie ${record?.offset}`);
          await goOn.promise;
          await tell(holding, 'zombie 0').catch((error: unknown) => {
            outcome.resolve(error);
            throw error;
          });
        },
        onFailure: (error, records) => void (records.length > 0 && failures.push(error)),
      },
      { kafka: client(server.brokers, sockets.factory), ...SESSION },
    );
    await waitFor('it handles the first', () => calls === 1);
    const outside = zombie.holding(world.topic, 'a');
    sockets.freeze();
    const heir = await world.subscribe(
      { isFenced: true, handle: ([record], _, holding) => tell(holding, `heir ${record?.offset}`) },
      SESSION,
    );
    await heir.idle();
    // It is on its way when the zombie learns that it was removed.
    goOn.resolve();
    const alsoOnItsWay = tell(outside, 'zombie outside');
    sockets.thaw();
    expect(await outcome.promise).toMatchObject({ name: 'LogError', code: 'fenced' });
    await expect(alsoOnItsWay).rejects.toMatchObject({ code: 'fenced' });
    await expect(tell(outside, 'zombie later')).rejects.toMatchObject({ code: 'fenced' });
    await waitFor('it is a member again', async () => {
      const { groups } = await world.admin.describeGroups([world.group]);
      return groups[0]?.state === 'Stable' && groups[0].members.length === 2;
    });
    await heir.stop(0);
    await world.append('a', 'new');
    await zombie.idle();
    expect(failures).toEqual([]);
    expect(await readUncommitted(world, world.told)).toEqual(['heir 0', 'zombie 1']);
  });
});
