import type { Clock, Ids } from '@voicemail/runtime';
import type { Consumer, ConsumerGeneration, EachBatchPayload, Kafka } from 'kafkajs';
import { backoffMs } from '../delivery/backoff.ts';
import {
  CLIENT_RETRY,
  FETCH_WAIT_MS,
  HEARTBEAT_INTERVAL_MS,
  MAX_FETCH_BYTES,
  MAX_PARTITIONS_AT_ONCE,
  MAX_PARTITION_FETCH_BYTES,
  MIN_FETCH_BYTES,
  MIN_PARTITION_FETCH_BYTES,
  REBALANCE_TIMEOUT_MS,
  REJOIN_PAUSE,
} from './consumer-limits.ts';
import { topicAssigner } from './topic-assigner.ts';

export interface GroupMemberParts {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  /** Of all topics together: what one member may get. */
  readonly partitions: number;
  readonly maxBufferedBytes: number;
  readonly sessionTimeoutMs: number;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  /** The member has joined; nothing was fetched yet. */
  readonly assigned: (generation: ConsumerGeneration) => void;
  /** Awaited before the partitions are let go: before joining again, and before leaving. Must not reject. */
  readonly release: () => Promise<void>;
  /** Takes what it wants of a batch, and resolves the offsets of that. */
  readonly arrived: (payload: EachBatchPayload) => void;
  /** There is nothing to handle in a partition before `offset` that has not arrived. */
  readonly passed: (topic: string, partition: number, offset: number) => void;
  /** A fetch has ended: the client's pace of looking, in real time. */
  readonly fetched: () => void;
  /** The client gave up what it did, and begins again. `attempt` counts since it last joined. */
  readonly crashed: (error: unknown, attempt: number) => void;
}

/** A member of a consumer group: joins, fetches, and joins again for as long as it is wanted, whatever goes wrong. */
export class GroupMember {
  readonly #parts: GroupMemberParts;
  readonly #consumer: Consumer;
  readonly #leaving = new AbortController();
  #failures = 0;

  constructor(parts: GroupMemberParts) {
    this.#parts = parts;
    this.#consumer = parts.kafka.consumer({
      groupId: parts.group,
      partitionAssigners: [topicAssigner],
      sessionTimeout: parts.sessionTimeoutMs,
      heartbeatInterval: Math.min(HEARTBEAT_INTERVAL_MS, parts.sessionTimeoutMs / 3),
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: within(parts.maxBufferedBytes / 2, MIN_FETCH_BYTES, MAX_FETCH_BYTES),
      maxBytesPerPartition: within(
        parts.maxBufferedBytes / 2 / parts.partitions,
        MIN_PARTITION_FETCH_BYTES,
        MAX_PARTITION_FETCH_BYTES,
      ),
      // Asked when the client would begin again: after it was told to leave nobody would stop it any more.
      retry: { ...CLIENT_RETRY, restartOnFailure: async () => !this.#leaving.signal.aborted },
    });
    this.#listen();
  }

  /** Resolves when it has joined for the first time. @throws what the client throws. */
  async join(): Promise<void> {
    try {
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics: [...this.#parts.topics], fromBeginning: true });
      await this.#run();
    } catch (error) {
      await this.leave();
      throw error;
    }
  }

  /** Lets the partitions go. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.#consumer.disconnect();
  }

  async #run(): Promise<void> {
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: within(this.#parts.partitions, 1, MAX_PARTITIONS_AT_ONCE),
      eachBatch: async (payload) => this.#parts.arrived(payload),
      onAssign: (generation) => {
        this.#failures = 0;
        this.#parts.assigned(generation);
      },
      onRelease: () => this.#parts.release(),
    });
  }

  #listen(): void {
    const { events } = this.#consumer;
    this.#consumer.on(events.FETCH, () => this.#parts.fetched());
    // The client hands over no batch that has only markers of transactions or aborted records.
    this.#consumer.on(events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#parts.passed(payload.topic, payload.partition, Number(payload.lastOffset) + 1);
    });
    this.#consumer.on(events.CRASH, ({ payload }) => {
      if (this.#leaving.signal.aborted) return;
      this.#failures += 1;
      this.#parts.crashed(payload.error, this.#failures);
      if (!payload.restart) this.#runAgainLater();
    });
  }

  /** The client ends for good on what it takes as permanent: a missing right, a topic that is away. */
  #runAgainLater(): void {
    const pauseMs = backoffMs(this.#failures, REJOIN_PAUSE, this.#parts.ids.random());
    void this.#parts.clock
      .sleep(pauseMs, this.#leaving.signal)
      .then(() => this.#run())
      .catch((error: unknown) => {
        if (this.#leaving.signal.aborted) return;
        this.#failures += 1;
        this.#parts.crashed(error, this.#failures);
        this.#runAgainLater();
      });
  }
}

function within(value: number, least: number, most: number): number {
  return Math.round(Math.min(Math.max(value, least), most));
}
