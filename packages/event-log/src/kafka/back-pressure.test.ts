import { kafkaServer, waitFor, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { Kafka, type Consumer, type ConsumerConfig } from 'kafkajs';
import { beforeAll, expect, it } from 'vitest';
import { clientSettings, openKafkaWorld } from './testing/kafka-world.ts';

/** A client that tells what its consumer does. */
class WatchedKafka extends Kafka {
  watched: Consumer | undefined;
  fetchedBytes = 0;

  override consumer(config: ConsumerConfig): Consumer {
    const consumer = super.consumer(config);
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Fetch') this.fetchedBytes += payload.size;
    });
    this.watched = consumer;
    return consumer;
  }

  get pausedPartitions(): number {
    return this.watched?.paused().reduce((sum, { partitions }) => sum + partitions.length, 0) ?? 0;
  }
}

const RECORD_BYTES = 100_000;
const MAX_BUFFERED_BYTES = 1_000_000;

whenAvailable(shared(await kafkaServer()), 'back-pressure on Kafka', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  it('reads no more ahead than it may while handlers are slow, and goes on when they are not', async () => {
    const world = await openKafkaWorld(server.brokers, 4);
    for (let number = 0; number < 200; number += 1) {
      await world.producer.send({
        topic: world.topic,
        messages: [{ key: `k${number}`, partition: number % 4, value: Buffer.alloc(RECORD_BYTES, number) }],
      });
    }
    const block = Promise.withResolvers<void>();
    const kafka = new WatchedKafka(clientSettings(server.brokers));
    const seen: string[] = [];
    const subscription = await world.subscribe(
      {
        maxInFlight: 2,
        maxBufferedBytes: MAX_BUFFERED_BYTES,
        handle: async ([record]) => {
          await block.promise;
          seen.push(`${record?.partition}/${record?.offset}`);
        },
      },
      { kafka },
    );
    await waitFor('every partition is paused', () => kafka.pausedPartitions === 4);
    const fetchedBytes = kafka.fetchedBytes;
    const begunMs = performance.now();
    await waitFor('some time has passed', () => performance.now() - begunMs > 1_000);
    expect(kafka.fetchedBytes).toBe(fetchedBytes);
    // What was taken, and of each partition once an answer of which not everything could be taken.
    expect(fetchedBytes).toBeLessThan(MAX_BUFFERED_BYTES + 4 * (MAX_BUFFERED_BYTES / 8 + RECORD_BYTES));
    block.resolve();
    await subscription.idle();
    expect(new Set(seen).size).toBe(200);
    expect(seen).toHaveLength(200);
  });

  it('keeps nobody else waiting whose partition has room', async () => {
    const world = await openKafkaWorld(server.brokers, 2);
    const messages = Array.from({ length: 300 }, (_, number) => ({
      key: 'stuck',
      partition: 0,
      value: String(number),
    }));
    await world.producer.send({ topic: world.topic, messages });
    const block = Promise.withResolvers<void>();
    const seen: string[] = [];
    const subscription = await world.subscribe({
      maxInFlight: 2,
      maxBufferedRecords: 20,
      handle: async ([record]) => {
        if (record?.key === 'stuck') await block.promise;
        seen.push(record?.key ?? '');
      },
    });
    for (let number = 0; number < 100; number += 1) {
      await world.producer.send({
        topic: world.topic,
        messages: [{ key: 'other', partition: 1, value: String(number) }],
      });
    }
    await waitFor('the other partition is done', () => seen.length === 100);
    expect(new Set(seen)).toEqual(new Set(['other']));
    block.resolve();
    await subscription.idle();
    expect(seen).toHaveLength(400);
  });
});
