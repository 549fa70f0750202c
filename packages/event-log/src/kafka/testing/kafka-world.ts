import { systemClock, systemIds } from '@voicemail/runtime';
import {
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type ISocketFactory,
  type KafkaConfig,
  type Producer,
} from 'kafkajs';
import { expect, onTestFinished, vi } from 'vitest';
import type { SubscribeOptions, Subscription } from '../../port.ts';
import { Fencing } from '../fencing.ts';
import { javaPartitioner } from '../partitioner.ts';
import { subscribeKafka } from '../subscription.ts';

/** Long enough for a busy machine, short enough for a test. */
export const SESSION_TIMEOUT_MS = 3_000;

export interface KafkaWorld {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  /** A topic that no other test has. */
  readonly topic: string;
  /** Another one, for what handlers append. */
  readonly told: string;
  readonly group: string;
  /** Appends texts under a key. */
  append(key: string, ...values: readonly string[]): Promise<void>;
  subscribe(
    options: Partial<SubscribeOptions> & Pick<SubscribeOptions, 'handle'>,
    more?: { readonly delayMs?: number; readonly kafka?: Kafka; readonly sessionTimeoutMs?: number },
  ): Promise<Subscription>;
  /** What the group has committed, by partition; -1 where nothing is. */
  committed(): Promise<readonly number[]>;
  /** Where the topic ends, by partition. */
  ends(): Promise<readonly number[]>;
}

/** A topic and a group of their own on a broker, and clients that are closed after the test. */
export async function openKafkaWorld(brokers: readonly string[], partitions: number): Promise<KafkaWorld> {
  const token = systemIds().token().slice(0, 12);
  const topic = `events-${token}`;
  const told = `told-${token}`;
  const group = `group-${token}`;
  const kafka = client(brokers);
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  onTestFinished(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
  await Promise.all([admin.connect(), producer.connect()]);
  const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
  const topics = [topic, told].map((name) => ({ topic: name, numPartitions: partitions, configEntries }));
  await admin.createTopics({ waitForLeaders: false, topics });
  // The client's own wait gives up at a broker that has not heard of a new topic yet.
  await vi.waitFor(() => admin.fetchTopicMetadata({ topics: [topic, told] }), { timeout: 30_000, interval: 20 });
  return {
    kafka,
    admin,
    producer,
    topic,
    told,
    group,
    append: async (key, ...values) => {
      await producer.send({ topic, messages: values.map((value) => ({ key, value })) });
    },
    subscribe: async (options, { delayMs, kafka: own = kafka, ...more } = {}) => {
      const settings = {
        name: topic,
        cleanup: { kind: 'delete', retentionMs: 3_600_000 },
        ...(delayMs !== undefined && { delayMs }),
      } as const;
      const counts = new Map([topic, told].map((name) => [name, partitions]));
      const limits = { partitioner: javaPartitioner(), partitions: counts, maxRecordBytes: 1_000_000 };
      const subscription = await subscribeKafka(
        {
          kafka: own,
          fencing: options.isFenced === true ? new Fencing({ kafka: own, group, ...limits }) : null,
          admin,
          topics: [settings],
          clock: systemClock(),
          ids: systemIds(),
          sessionTimeoutMs: SESSION_TIMEOUT_MS,
          ...more,
        },
        { group, topics: [topic], maxInFlight: 8, maxBufferedRecords: 1_000, maxBufferedBytes: 10_000_000, ...options },
      );
      onTestFinished(() => subscription.stop(0));
      return subscription;
    },
    committed: async () => {
      const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      return inOrder(found?.partitions ?? []).map(({ offset }) => Number(offset));
    },
    ends: async () => inOrder(await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high)),
  };
}

/** A client of its own: with connections that a test may freeze. */
export function client(brokers: readonly string[], socketFactory?: ISocketFactory): Kafka {
  return new Kafka({ ...clientSettings(brokers), ...(socketFactory && { socketFactory }) });
}

export function clientSettings(brokers: readonly string[]): KafkaConfig {
  return {
    clientId: 'test',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 20 },
  };
}

/** Resolves when the group has committed everything that is there. */
export async function allCommitted(world: KafkaWorld): Promise<void> {
  const ends = await world.ends();
  await vi.waitFor(async () => expect((await world.committed()).map((offset) => Math.max(0, offset))).toEqual(ends), {
    timeout: 30_000,
    interval: 20,
  });
}

function inOrder<One extends { readonly partition: number }>(partitions: readonly One[]): readonly One[] {
  return partitions.toSorted((a, b) => a.partition - b.partition);
}
