import type { Kafka, Message, Producer } from 'kafkajs';
import { LogError } from '../log-error.ts';
import type { Holding, NewRecord, Position } from '../port.ts';
import { Appender, type AppenderParts } from './append.ts';
import { TRANSACTION_TIMEOUT_MS } from './consumer-limits.ts';
import { isGenerationOver } from './generation-over.ts';
import { kafkaError } from './kafka-error.ts';

export interface FenceParts extends Pick<AppenderParts, 'partitioner' | 'partitions' | 'maxRecordBytes'> {
  readonly kafka: Kafka;
  /** The same for every member that ever gets the partition. */
  readonly transactionalId: string;
  /** Rejects where the member is not in the group's present generation any more, or is about to leave it. */
  readonly heartbeat: () => Promise<void>;
}

/**
 * The holding of one partition, from its assignment to the end of the generation. Appends are transactions under the partition's
 * transactional id.
 *
 * Why nothing old comes behind something new: to open the fence is to get a new epoch for the id (InitProducerId). Before that call
 * returns, the brokers end what a former epoch had open, with a marker behind its last record, and from then on they refuse both a
 * transaction and a record of a former epoch. So all that was ever appended by it, committed or not, lies before anything of ours. And
 * nothing of ours is older: whoever appends has read after the fence was open.
 *
 * The epoch alone says who came last, not who has the partition: a member that slept between its assignment and the call, or that opens
 * anew after an error, could shut out its heir. So a heartbeat in this very generation, after the epoch is there and before anything is
 * appended with it, has to succeed: then the group has made nobody the heir before, and whoever is made one later gets a later epoch.
 * A member that fails it has only disturbed its heir, which opens anew and goes on. A heartbeat before spares it even that.
 */
export class Fence implements Holding {
  readonly #parts: FenceParts;
  readonly #appender: Appender;
  /** null until it is open, and after a transaction failed: nobody knows how that one ended, and the next epoch ends it. */
  #producer: Producer | null = null;
  #wasOpened = false;
  #isOver = false;
  /** One transaction at a time; what comes meanwhile goes together. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: FenceParts) {
    this.#parts = parts;
    this.#appender = new Appender({ ...parts, send: (...batch) => this.#inTurn(() => this.#transact(...batch)) });
  }

  /** Whether the partition is another member's, or soon will be, as far as is known. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether it was opened and is not over. */
  get isHeld(): boolean {
    return this.#wasOpened && !this.#isOver;
  }

  /** @throws LogError `fenced`, `unavailable`, `unknown`. */
  async open(): Promise<void> {
    await this.#inTurn(() => this.#opened());
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    this.#assertHeld();
    return this.#appender.append(records);
  }

  /** Refuses what comes from now on. */
  end(): void {
    this.#isOver = true;
  }

  /** Ends, and resolves when nothing is under way and no connection is left. Never rejects. */
  async close(): Promise<void> {
    this.end();
    await this.#last;
    await this.#retire();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    // Whoever asked for it gets the reason.
    this.#last = result.catch(() => {});
    return result;
  }

  async #opened(): Promise<Producer> {
    this.#assertHeld();
    if (this.#producer !== null) return this.#producer;
    try {
      await this.#assertMember();
      this.#producer = this.#newProducer();
      await this.#producer.connect();
      // The client gets the epoch when it first begins a transaction. One without records is not known to the brokers.
      const transaction = await this.#producer.transaction();
      await transaction.abort();
      await this.#assertMember();
      this.#wasOpened = true;
      return this.#producer;
    } catch (error) {
      await this.#retire();
      throw kafkaError('the fence of a partition cannot be opened', error);
    }
  }

  /** @returns the offset of the first record. @throws LogError. */
  async #transact(topic: string, partition: number, messages: readonly Message[]): Promise<number> {
    const producer = await this.#opened();
    try {
      const transaction = await producer.transaction();
      const answers = await transaction.send({
        topic,
        acks: -1,
        messages: messages.map((message) => ({ ...message, partition })),
      });
      const [answer] = answers;
      if (answers.length !== 1 || answer?.partition !== partition || answer.baseOffset === undefined) {
        throw new LogError('unknown', `the brokers did not say where the records of ${topic} are`);
      }
      await transaction.commit();
      return Number(answer.baseOffset);
    } catch (error) {
      await this.#retire();
      // What the brokers say to a former epoch, they may also say after a transaction took too long: the group knows which it is.
      await this.#assertMember().catch(() => this.#assertHeld());
      throw kafkaError(`records of ${topic} cannot be appended`, error);
    }
  }

  #newProducer(): Producer {
    return this.#parts.kafka.producer({
      transactionalId: this.#parts.transactionalId,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      allowAutoTopicCreation: false,
      // Every message names its partition.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
  }

  async #retire(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    // A connection that cannot be closed is closed already.
    await producer?.disconnect().catch(() => {});
  }

  /** @throws LogError `fenced`; what the client throws where the group cannot be asked. */
  async #assertMember(): Promise<void> {
    this.#assertHeld();
    try {
      await this.#parts.heartbeat();
    } catch (error) {
      if (!isGenerationOver(error)) throw error;
      this.end();
    }
    this.#assertHeld();
  }

  #assertHeld(): void {
    if (this.#isOver) throw new LogError('fenced', 'the partition is for another member, which gets its records too');
  }
}
