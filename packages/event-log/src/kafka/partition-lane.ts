import type { KeyQueue } from '../delivery/key-queue.ts';
import { Lane } from '../delivery/lane.ts';
import type { LogRecord } from '../port.ts';
import type { Fence } from './fence.ts';
import { recordBytes } from './record-bytes.ts';

/** Before the first record: where the group stands is for the broker to say. */
const UNKNOWN_OFFSET = -1;

/**
 * A partition while it is assigned. What was fetched has arrived; from there it is queued when there is room and it is
 * due, handed over key by key, and done. While something waits to be queued nothing more is fetched.
 */
export class PartitionLane {
  readonly topic: string;
  readonly partition: number;
  /** Nothing is handed over but while it is held; null where there is none. */
  readonly fence: Fence | null;
  readonly queues = new Lane(UNKNOWN_OFFSET);
  /** Of what is queued and not handled yet. */
  bytes = 0;
  /** The offset that was committed last. */
  committed = UNKNOWN_OFFSET;
  /** Everything before this offset has arrived. */
  fetchedTo = UNKNOWN_OFFSET;
  readonly #arrived: LogRecord[] = [];
  /** The first of them that is not queued. */
  #next = 0;
  readonly #queued = new Map<number, LogRecord>();
  #resume: (() => void) | null = null;

  constructor(topic: string, partition: number, fence: Fence | null = null) {
    this.topic = topic;
    this.partition = partition;
    this.fence = fence;
  }

  /** Whether something may be handed over. */
  get hasReady(): boolean {
    return this.queues.hasReady && this.fence?.isHeld !== false;
  }

  /** Whether more is done than was committed. */
  get isAhead(): boolean {
    return this.queues.low > this.committed;
  }

  /** Whether it is known that something before `offset` is not handled yet. */
  isBefore(offset: number): boolean {
    return this.queues.low !== UNKNOWN_OFFSET && this.queues.low < offset;
  }

  /** Records were fetched, in order; what arrived already is left out: a partition that moves may come from two brokers. */
  arrive(records: readonly LogRecord[]): void {
    for (const record of records) {
      if (record.offset < this.fetchedTo) continue;
      this.#arrived.push(record);
      this.fetchedTo = record.offset + 1;
    }
  }

  /** There is nothing before `offset` but what has arrived: markers of transactions, gaps of compaction. */
  passTo(offset: number): void {
    this.fetchedTo = Math.max(this.fetchedTo, offset);
    if (this.waiting === undefined) this.queues.cursor = this.fetchedTo;
  }

  /** The next record to be queued. */
  get waiting(): LogRecord | undefined {
    return this.#arrived[this.#next];
  }

  /** Queues the record that waits. */
  queue(): void {
    const record = this.waiting;
    if (record === undefined) return;
    const bytes = recordBytes(record);
    this.#queued.set(record.offset, record);
    this.queues.add(record.offset, record.key, bytes);
    this.bytes += bytes;
    this.#advance();
  }

  /** Nobody is handed the record that waits. */
  skip(): void {
    const record = this.waiting;
    if (record === undefined) return;
    this.queues.cursor = record.offset + 1;
    this.#advance();
  }

  #advance(): void {
    this.#next += 1;
    if (this.#next < this.#arrived.length) return;
    this.#arrived.length = 0;
    this.#next = 0;
    this.passTo(this.fetchedTo);
  }

  load(offsets: readonly number[]): readonly LogRecord[] {
    return offsets.flatMap((offset) => this.#queued.get(offset) ?? []);
  }

  handled(queue: KeyQueue, offsets: readonly number[]): void {
    for (const record of this.load(offsets)) {
      this.bytes -= recordBytes(record);
      this.#queued.delete(record.offset);
    }
    this.queues.handled(queue, offsets);
  }

  /** @param pause stops the fetching, and returns what starts it again. */
  pause(pause: () => () => void): void {
    this.#resume ??= pause();
  }

  resume(): void {
    this.#resume?.();
    this.#resume = null;
  }
}
