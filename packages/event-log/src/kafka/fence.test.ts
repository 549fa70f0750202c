import { kafkaServer, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Position } from '../port.ts';
import { Fence } from './fence.ts';
import { javaPartitioner } from './partitioner.ts';
import { openKafkaWorld, type KafkaWorld } from './testing/kafka-world.ts';
import { readUncommitted } from './testing/read-uncommitted.ts';

const FENCED = { name: 'LogError', code: 'fenced', retryable: false };
/** What the group answers to a member that it has removed. */
const REMOVED = Object.assign(new Error('it is not a member any more'), { type: 'UNKNOWN_MEMBER_ID' });

whenAvailable(shared(await kafkaServer()), 'the fence of a partition on Kafka', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  it('ends what a former member had open, and lets nothing more of it into the log', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const former = world.kafka.producer({ transactionalId: world.group, retry: { initialRetryTime: 10 } });
    onTestFinished(() => former.disconnect());
    await former.connect();
    const transaction = await former.transaction();
    const send = (value: string) => transaction.send({ topic: world.told, messages: [{ key: 'a', value }] });
    await send('open');
    const fence = fenceOf(world);
    await fence.open();
    await append(fence, world, 'new');
    await expect(send('old')).rejects.toThrow(/epoch/);
    await expect(transaction.commit()).rejects.toThrow(/epoch/);
    expect(await readUncommitted(world, world.told)).toEqual(['open', 'new']);
  });

  it('is opened anew by the member that has the partition, where one that woke up took the epoch', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const heir = fenceOf(world);
    await heir.open();
    await append(heir, world, '1');
    let isAwake = true;
    const zombie = fenceOf(world, async () => {
      // It is a member when it begins, sleeps, and has the epoch when it hears that it is none.
      if (!isAwake) throw REMOVED;
      isAwake = false;
    });
    await expect(zombie.open()).rejects.toMatchObject(FENCED);
    await expect(append(zombie, world, 'old')).rejects.toMatchObject(FENCED);
    await expect(append(heir, world, '2')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await append(heir, world, '2');
    expect(await readUncommitted(world, world.told)).toEqual(['1', '2']);
  });

  it('takes no epoch where the member is none any more', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const heir = fenceOf(world);
    await heir.open();
    await expect(fenceOf(world, () => Promise.reject(REMOVED)).open()).rejects.toMatchObject(FENCED);
    await append(heir, world, '1');
    expect(await readUncommitted(world, world.told)).toEqual(['1']);
  });

  it('appends what comes meanwhile in one transaction, and each is told where it is', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const fence = fenceOf(world);
    await fence.open();
    const values = Array.from({ length: 50 }, (_, index) => String(index));
    const positions = await Promise.all(values.map((value) => append(fence, world, value)));
    const offsets = positions.flat().map(({ offset }) => offset);
    expect(offsets).toEqual(values.map((_, index) => index));
    // One marker lies between: that of one transaction.
    expect(await append(fence, world, 'last')).toMatchObject([{ offset: values.length + 1 }]);
  });
});

function fenceOf(world: KafkaWorld, heartbeat: () => Promise<void> = async () => {}): Fence {
  const fence = new Fence({
    kafka: world.kafka,
    transactionalId: world.group,
    heartbeat,
    partitioner: javaPartitioner(),
    partitions: new Map([[world.told, 1]]),
    maxRecordBytes: 1_000_000,
  });
  onTestFinished(() => fence.close());
  return fence;
}

const append = (fence: Fence, world: KafkaWorld, value: string): Promise<readonly Position[]> =>
  fence.append([{ topic: world.told, key: 'a', value: Buffer.from(value) }]);
