import type { Message } from 'kafkajs';
import { LogError } from '../log-error.ts';
import type { NewRecord, Position } from '../port.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_WAITING_BYTES } from './limits.ts';
import type { Partitioner } from './partitioner.ts';
import { SendQueue, type Waiting } from './send-queue.ts';

export interface AppenderParts {
  /** Gives the offset of the first record. @throws LogError. */
  readonly send: (topic: string, partition: number, messages: readonly Message[]) => Promise<number>;
  readonly partitioner: Partitioner;
  /** How many partitions each topic has. */
  readonly partitions: ReadonlyMap<string, number>;
  readonly maxRecordBytes: number;
  readonly maxWaitingBytes?: number;
}

/** Brings records to their partitions: those of one partition one after the other, partitions beside each other. */
export class Appender {
  readonly #parts: AppenderParts;
  readonly #queues = new Map<string, SendQueue>();
  #waitingBytes = 0;

  constructor(parts: AppenderParts) {
    this.#parts = parts;
  }

  /** @throws LogError as `EventLog.append`; nothing was appended then if it is `too-large` or `unknown-topic`. */
  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    const { partitioner } = this.#parts;
    const counts = records.map(({ topic }) => this.#partitionsOf(topic));
    const bytes = records.map((record) => this.#checkedBytes(record));
    return this.#enqueue(
      records.map((record, index) => ({
        record,
        bytes: bytes[index] ?? 0,
        partition: partitioner(record.topic, counts[index] ?? 1, record.key),
      })),
    );
  }

  /** Appends to this very partition. @throws LogError. */
  async appendTo(partition: number, record: NewRecord): Promise<void> {
    await this.#enqueue([{ record, bytes: this.#checkedBytes(record), partition }]);
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.drained()));
  }

  async #enqueue(
    records: readonly { readonly record: NewRecord; readonly bytes: number; readonly partition: number }[],
  ): Promise<readonly Position[]> {
    const total = records.reduce((sum, { bytes }) => sum + bytes, 0);
    const { maxWaitingBytes = MAX_WAITING_BYTES } = this.#parts;
    if (this.#waitingBytes > 0 && this.#waitingBytes + total > maxWaitingBytes) {
      throw new LogError('unavailable', `${this.#waitingBytes} bytes wait to be appended; try again when they are`);
    }
    this.#waitingBytes += total;
    let failure: LogError | null = null;
    const byQueue = new Map<SendQueue, Waiting[]>();
    const appended = records.map(
      ({ record, bytes, partition }) =>
        new Promise<Position | null>((resolve) => {
          const queue = this.#queue(record.topic, partition);
          const waiting: Waiting = {
            message: messageOf(record),
            bytes,
            isWanted: () => failure === null,
            done: (offset) => resolve(offset === null ? null : { topic: record.topic, partition, offset }),
            failed: (error) => {
              failure ??= error;
              resolve(null);
            },
          };
          const others = byQueue.get(queue);
          if (others === undefined) byQueue.set(queue, [waiting]);
          else others.push(waiting);
        }),
    );
    for (const [queue, waiting] of byQueue) queue.add(waiting);
    const positions = await Promise.all(appended);
    this.#waitingBytes -= total;
    if (failure !== null) throw failure;
    return positions.filter((position) => position !== null);
  }

  #queue(topic: string, partition: number): SendQueue {
    const name = `${topic}/${partition}`;
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const bounds = { maxBatchRecords: MAX_BATCH_RECORDS, maxBatchBytes: MAX_BATCH_BYTES };
    const queue = new SendQueue((messages) => this.#parts.send(topic, partition, messages), bounds);
    this.#queues.set(name, queue);
    return queue;
  }

  #partitionsOf(topic: string): number {
    const count = this.#parts.partitions.get(topic);
    if (count === undefined) throw new LogError('unknown-topic', `the log has no topic ${topic}`);
    return count;
  }

  #checkedBytes(record: NewRecord): number {
    const bytes = bytesOf(record);
    const { maxRecordBytes } = this.#parts;
    if (bytes <= maxRecordBytes) return bytes;
    throw new LogError(
      'too-large',
      `a record of ${record.topic} has ${bytes} bytes; ${maxRecordBytes} are the most the log takes`,
    );
  }
}

function messageOf({ key, value, headers }: NewRecord): Message {
  return {
    key,
    value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    headers: { ...headers },
  };
}

function bytesOf({ key, value, headers = {} }: NewRecord): number {
  let bytes = Buffer.byteLength(key ?? '') + (value?.byteLength ?? 0);
  for (const [name, text] of Object.entries(headers)) bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return bytes;
}
