import type { Kafka, Message, Producer, RetryOptions } from 'kafkajs';
import { LogError } from '../log-error.ts';
import { kafkaError } from './kafka-error.ts';
import { CLIENT_RETRY } from './limits.ts';

/** A producer, and how many sends it is busy with. */
interface Lease {
  readonly producer: Producer;
  readonly connected: Promise<void>;
  busy: number;
  isRetired: boolean;
}

/**
 * Sends by one idempotent producer for as long as that works. After a send that failed nobody knows whether the brokers have the
 * records, and the client would give their sequence numbers to the next ones, which the brokers then may take for a repetition, and
 * acknowledge without keeping them. So a failed producer gets nothing new, and the next send goes by another, with an id of its own.
 */
export class Producers {
  readonly #kafka: Kafka;
  readonly #retry: RetryOptions;
  #current: Lease | null = null;
  readonly #leases = new Set<Lease>();

  constructor(kafka: Kafka, retry: RetryOptions = CLIENT_RETRY) {
    this.#kafka = kafka;
    this.#retry = retry;
  }

  /**
   * Sends records to one partition: of a call that spans several the client loses what was on a broker that died.
   * @returns the offset of the first record. @throws LogError.
   */
  async send(topic: string, partition: number, messages: readonly Message[]): Promise<number> {
    const lease = this.#lease();
    lease.busy += 1;
    try {
      await lease.connected;
      const answers = await lease.producer.send({
        topic,
        acks: -1,
        messages: messages.map((message) => ({ ...message, partition })),
      });
      const [answer] = answers;
      if (answers.length !== 1 || answer?.partition !== partition || answer.baseOffset === undefined) {
        throw new LogError('unknown', `the brokers did not say where the records of ${topic} are`);
      }
      return Number(answer.baseOffset);
    } catch (error) {
      this.#retire(lease);
      throw kafkaError(`records of ${topic} cannot be appended`, error);
    } finally {
      lease.busy -= 1;
      await this.#letGo(lease);
    }
  }

  /** Closes connections; nothing may be under way any more. */
  async close(): Promise<void> {
    for (const lease of this.#leases) {
      this.#retire(lease);
      await this.#letGo(lease);
    }
  }

  #lease(): Lease {
    if (this.#current !== null) return this.#current;
    const producer = this.#kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      retry: this.#retry,
      // Every message names its partition.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    const connected = producer.connect();
    // Whoever sends gets the reason.
    connected.catch(() => {});
    this.#current = { producer, connected, busy: 0, isRetired: false };
    this.#leases.add(this.#current);
    return this.#current;
  }

  #retire(lease: Lease): void {
    lease.isRetired = true;
    if (this.#current === lease) this.#current = null;
  }

  async #letGo(lease: Lease): Promise<void> {
    if (!lease.isRetired || lease.busy > 0 || !this.#leases.delete(lease)) return;
    await lease.connected.catch(() => {});
    await lease.producer.disconnect();
  }
}
