import type { Message } from 'kafkajs';
import type { LogError } from '../log-error.ts';

/** A record on its way to a partition. */
export interface Waiting {
  readonly message: Message;
  readonly bytes: number;
  /** Of an append of which one record failed those after it are not sent. */
  readonly isWanted: () => boolean;
  /** null: it was not sent, for it was not wanted. */
  readonly done: (offset: number | null) => void;
  readonly failed: (error: LogError) => void;
}

export interface BatchBounds {
  readonly maxBatchRecords: number;
  /** A larger record goes alone. */
  readonly maxBatchBytes: number;
}

/** What waits for one partition. One send at a time, so records get there in the order in which they came; what comes meanwhile goes together. */
export class SendQueue {
  readonly #send: (messages: readonly Message[]) => Promise<number>;
  readonly #bounds: BatchBounds;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | null = null;

  /** @param send gives the offset of the first message, the others follow it; rejects with a LogError. */
  constructor(send: (messages: readonly Message[]) => Promise<number>, bounds: BatchBounds) {
    this.#send = send;
    this.#bounds = bounds;
  }

  add(records: readonly Waiting[]): void {
    this.#waiting.push(...records);
    this.#sending ??= this.#run();
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#sending;
  }

  async #run(): Promise<void> {
    // Those that come in the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      if (batch.length > 0) await this.#sendBatch(batch);
    }
    this.#sending = null;
  }

  #next(): readonly Waiting[] {
    const { maxBatchRecords, maxBatchBytes } = this.#bounds;
    let count = 0;
    let bytes = 0;
    for (const { bytes: more } of this.#waiting) {
      if (count > 0 && (count >= maxBatchRecords || bytes + more > maxBatchBytes)) break;
      bytes += more;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count);
    for (const { isWanted, done } of batch) if (!isWanted()) done(null);
    return batch.filter(({ isWanted }) => isWanted());
  }

  async #sendBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const first = await this.#send(batch.map(({ message }) => message));
      for (const [index, { done }] of batch.entries()) done(first + index);
    } catch (error) {
      for (const { failed } of batch) failed(error as LogError);
    }
  }
}
