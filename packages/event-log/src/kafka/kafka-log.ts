import type { Clock, Ids } from '@voicemail/runtime';
import type { Admin, Kafka } from 'kafkajs';
import { LogError } from '../log-error.ts';
import type {
  EventLog,
  Lag,
  LogRecord,
  NewRecord,
  Position,
  SubscribeOptions,
  Subscription,
  TopicSettings,
} from '../port.ts';
import { Appender } from './append.ts';
import { trimTopics } from './clean.ts';
import { Fencing } from './fencing.ts';
import { kafkaError } from './kafka-error.ts';
import { groupLag } from './lag.ts';
import { javaPartitioner } from './partitioner.ts';
import { Producers } from './producers.ts';
import { readTopic } from './read.ts';
import { subscribeKafka } from './subscription.ts';

export interface KafkaLogParts {
  readonly kafka: Kafka;
  /** For appends by holdings. */
  readonly fencingKafka: Kafka;
  /** Connected. */
  readonly admin: Admin;
  readonly topics: readonly TopicSettings[];
  /** How many partitions each topic has. */
  readonly partitions: ReadonlyMap<string, number>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random' | 'uuid'>;
  readonly maxRecordBytes: number;
}

/** The log on Kafka: any number of processes share it. See `openKafkaLog`. */
export class KafkaLog implements EventLog {
  readonly #parts: KafkaLogParts;
  readonly #topics: ReadonlyMap<string, TopicSettings>;
  readonly #producers: Producers;
  readonly #appender: Appender;
  readonly #partitioner = javaPartitioner();
  readonly #subscriptions = new Set<Subscription>();
  #cleaning: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(parts: KafkaLogParts) {
    this.#parts = parts;
    this.#topics = new Map(parts.topics.map((topic) => [topic.name, topic]));
    this.#producers = new Producers(parts.kafka);
    this.#appender = new Appender({
      send: (topic, partition, messages) => this.#producers.send(topic, partition, messages),
      partitioner: this.#partitioner,
      partitions: parts.partitions,
      maxRecordBytes: parts.maxRecordBytes,
    });
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    this.#assertOpen();
    return this.#appender.append(records);
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    this.#assertOpen();
    const topics = [...new Set(options.topics)].map((topic) => this.#topic(topic));
    const { kafka, admin, clock, ids } = this.#parts;
    const fencing = options.isFenced === true ? this.#fencing(options.group) : null;
    const joined = await subscribeKafka({ kafka, admin, topics, clock, ids, fencing }, options);
    const subscription: Subscription = {
      holding: (topic, key) => joined.holding(topic, key),
      idle: () => joined.idle(),
      stop: async (graceMs) => {
        await joined.stop(graceMs);
        this.#subscriptions.delete(subscription);
      },
    };
    this.#subscriptions.add(subscription);
    // It was closed meanwhile, and nobody else would stop it.
    if (this.#closing !== undefined) await subscription.stop(0);
    this.#assertOpen();
    return subscription;
  }

  read(topic: string, { fromOffset = 0 }: { readonly fromOffset?: number } = {}): AsyncIterable<LogRecord> {
    this.#assertOpen();
    return readTopic(this.#parts.admin, this.#topic(topic).name, fromOffset, () => this.#assertOpen());
  }

  async lag(group: string, topics: readonly string[]): Promise<readonly Lag[]> {
    this.#assertOpen();
    return groupLag(
      this.#parts.admin,
      group,
      topics.map((topic) => this.#topic(topic).name),
    );
  }

  clean(): Promise<number> {
    const run = async (): Promise<number> => {
      this.#assertOpen();
      return trimTopics({
        ...this.#parts,
        appendTo: (partition, record) => this.#appender.appendTo(partition, record),
      });
    };
    const result = this.#cleaning.then(run);
    // One run at a time; each caller gets its own outcome.
    this.#cleaning = result.catch(() => {});
    return result;
  }

  async check(): Promise<void> {
    this.#assertOpen();
    const topics = [...this.#topics.keys()];
    try {
      const metadata = await this.#parts.admin.fetchTopicMetadata({ topics });
      for (const { name, partitions } of metadata.topics) {
        const headless = partitions.find(({ leader }) => leader < 0);
        if (headless === undefined) continue;
        throw new LogError(
          'unavailable',
          `partition ${headless.partitionId} of ${name} has no leader; look at the brokers`,
        );
      }
    } catch (error) {
      throw kafkaError('the brokers cannot be asked', error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#cleaning;
    const outcomes = await Promise.allSettled([...this.#subscriptions].map((subscription) => subscription.stop(0)));
    await this.#appender.drained();
    await this.#producers.close();
    await this.#parts.admin.disconnect();
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw kafkaError('the log was closed, but not every subscription let go', failed.reason);
  }

  #fencing(group: string): Fencing {
    const { fencingKafka: kafka, partitions, maxRecordBytes } = this.#parts;
    return new Fencing({ kafka, group, partitions, maxRecordBytes, partitioner: this.#partitioner });
  }

  #topic(name: string): TopicSettings {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new LogError('unknown-topic', `the log has no topic ${name}`);
    return topic;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new LogError('closed', 'the log was closed; open it again');
  }
}
