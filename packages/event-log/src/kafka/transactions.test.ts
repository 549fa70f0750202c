import { systemClock, systemIds } from '@voicemail/runtime';
import { kafkaServer, waitFor, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import type { Producer } from 'kafkajs';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { LogRecord } from '../port.ts';
import { marker } from './marker.ts';
import { openKafkaWorld, type KafkaWorld } from './testing/kafka-world.ts';

whenAvailable(shared(await kafkaServer()), 'records on Kafka that nobody is handed', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  it('are those of aborted transactions; what comes between and after is handed over', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const producer = await transactional(world, 'one');
    await world.append('a', 'before');
    await inTransaction(world, producer, 'abort', 'never');
    await inTransaction(world, producer, 'commit', 'together-1', 'together-2');
    await inTransaction(world, producer, 'abort', 'never');
    const seen: string[] = [];
    const subscription = await world.subscribe({ handle: async (records) => void seen.push(...records.map(textOf)) });
    await subscription.idle();
    expect(seen).toEqual(['before', 'together-1', 'together-2']);
    expect(await world.committed()).toEqual(await world.ends());
  });

  it('let the group reach the end where there is nothing else', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    await inTransaction(world, await transactional(world, 'one'), 'abort', 'never');
    const subscription = await world.subscribe({ handle: () => Promise.reject(new Error('there is nothing')) });
    await subscription.idle();
    expect(await world.committed()).toEqual([2]);
  });

  it('are those of an open transaction, until it is over', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const seen: string[] = [];
    const subscription = await world.subscribe({ handle: async (records) => void seen.push(...records.map(textOf)) });
    await world.append('a', 'before');
    const transaction = await (await transactional(world, 'one')).transaction();
    await transaction.send({ topic: world.topic, messages: [{ key: 'a', value: 'inside' }] });
    await world.append('a', 'after');
    await subscription.idle();
    expect(seen).toEqual(['before']);
    await transaction.commit();
    await waitFor('the rest is handed over', () => seen.length === 3);
    expect(seen).toEqual(['before', 'inside', 'after']);
  });

  it('are those of several aborted transactions that began before the group goes on', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const producers = [await transactional(world, 'one'), await transactional(world, 'two')];
    const transactions = await Promise.all(producers.map((producer) => producer.transaction()));
    const send = async (index: number): Promise<void> => {
      await transactions[index]?.send({ topic: world.topic, messages: [{ key: 'a', value: 'never' }] });
    };
    await send(0);
    await send(1);
    await send(1);
    await Promise.all(transactions.map((transaction) => transaction.abort()));
    await world.append('a', 'after');
    await world.admin.setOffsets({
      groupId: world.group,
      topic: world.topic,
      partitions: [{ partition: 0, offset: '2' }],
    });
    const seen: string[] = [];
    const subscription = await world.subscribe({ handle: async (records) => void seen.push(...records.map(textOf)) });
    await subscription.idle();
    expect(seen).toEqual(['after']);
  });

  it('are markers, which are done at once', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    const { headers = {} } = marker(world.topic, systemClock(), systemIds());
    const empty = { key: null, value: null, headers };
    await world.producer.send({ topic: world.topic, messages: [empty, { key: 'a', value: 'real' }, empty] });
    const seen: string[] = [];
    const subscription = await world.subscribe({ handle: async (records) => void seen.push(...records.map(textOf)) });
    await subscription.idle();
    expect(seen).toEqual(['real']);
    expect(await world.committed()).toEqual([3]);
  });
});

async function transactional(world: KafkaWorld, name: string): Promise<Producer> {
  const producer = world.kafka.producer({
    transactionalId: `${world.topic}-${name}`,
    idempotent: true,
    maxInFlightRequests: 1,
    retry: { initialRetryTime: 10, retries: 50 },
  });
  onTestFinished(() => producer.disconnect());
  await producer.connect();
  return producer;
}

async function inTransaction(
  world: KafkaWorld,
  producer: Producer,
  end: 'commit' | 'abort',
  ...values: readonly string[]
): Promise<void> {
  const transaction = await producer.transaction();
  await transaction.send({ topic: world.topic, messages: values.map((value) => ({ key: 'a', value })) });
  await transaction[end]();
}

function textOf({ value }: LogRecord): string {
  return new TextDecoder().decode(value ?? undefined);
}
