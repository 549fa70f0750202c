import type { KeyQueue } from '../delivery/key-queue.ts';
import { Lane } from '../delivery/lane.ts';
import type { LogRecord } from '../port.ts';
import { recordBytes } from './record-bytes.ts';

/** Before the first record: where the group stands is for the broker to say. */
const UNKNOWN_OFFSET = -1;

/** A partition while it is assigned: what was read ahead of it, and how far everything is done. */
export class PartitionLane {
  readonly topic: string;
  readonly partition: number;
  readonly queues = new Lane(UNKNOWN_OFFSET);
  /** Of what was read ahead and is not handled yet. */
  bytes = 0;
  /** The offset that was committed last. */
  committed = UNKNOWN_OFFSET;
  readonly #records = new Map<number, LogRecord>();
  #paused: { readonly until: 'room' | 'due'; readonly resume: () => void } | null = null;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Whether more is done than was committed. */
  get isAhead(): boolean {
    return this.queues.low > this.committed;
  }

  /** Whether it is known that something before `offset` is not handled yet. */
  isBefore(offset: number): boolean {
    return this.queues.low !== UNKNOWN_OFFSET && this.queues.low < offset;
  }

  /** Queues the next record; offsets must grow. */
  add(record: LogRecord): void {
    const bytes = recordBytes(record);
    this.#records.set(record.offset, record);
    this.queues.add(record.offset, record.key, bytes);
    this.bytes += bytes;
  }

  /** There is nothing to handle before `offset` but what is queued: markers of transactions, gaps of compaction. */
  passTo(offset: number): void {
    this.queues.cursor = Math.max(this.queues.cursor, offset);
  }

  load(offsets: readonly number[]): readonly LogRecord[] {
    return offsets.flatMap((offset) => this.#records.get(offset) ?? []);
  }

  handled(queue: KeyQueue, offsets: readonly number[]): void {
    for (const record of this.load(offsets)) {
      this.bytes -= recordBytes(record);
      this.#records.delete(record.offset);
    }
    this.queues.handled(queue, offsets);
  }

  /** Whether the fetching stopped because nothing more may be read ahead. */
  get waitsForRoom(): boolean {
    return this.#paused?.until === 'room';
  }

  /** @param pause stops the fetching, and returns what starts it again. */
  pause(until: 'room' | 'due', pause: () => () => void): void {
    this.#paused ??= { until, resume: pause() };
  }

  resume(): void {
    this.#paused?.resume();
    this.#paused = null;
  }
}
