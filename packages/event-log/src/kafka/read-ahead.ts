import type { PartitionLane } from './partition-lane.ts';

export interface ReadAheadBounds {
  readonly maxBufferedRecords: number;
  readonly maxBufferedBytes: number;
}

/**
 * Whether a partition may queue more. Half of the bounds is for whoever comes first, so that one busy partition fills
 * the handlers; of the other half every partition has its share, so that nobody's backlog keeps it waiting. A partition
 * always has room for one record, however large.
 */
export class ReadAhead {
  readonly #common: Amount;
  readonly #share: Amount;
  /** What partitions have beyond their shares, all together: it lies in the common half. */
  readonly #beyond = { records: 0, bytes: 0 };
  readonly #counted = new Map<PartitionLane, Amount>();

  constructor(partitions: number, bounds: ReadAheadBounds) {
    this.#common = { records: bounds.maxBufferedRecords / 2, bytes: bounds.maxBufferedBytes / 2 };
    this.#share = { records: this.#common.records / partitions, bytes: this.#common.bytes / partitions };
  }

  /** Whether `lane` may queue a record of so many bytes. */
  hasRoom(lane: PartitionLane, bytes: number): boolean {
    const records = lane.queues.queued + 1;
    if (records === 1) return true;
    if (records <= this.#share.records && lane.bytes + bytes <= this.#share.bytes) return true;
    return this.#beyond.records + 1 <= this.#common.records && this.#beyond.bytes + bytes <= this.#common.bytes;
  }

  /** `lane` has queued a record, or some were handled. */
  changed(lane: PartitionLane): void {
    const before = this.#counted.get(lane) ?? NOTHING;
    const now = {
      records: Math.max(0, lane.queues.queued - this.#share.records),
      bytes: Math.max(0, lane.bytes - this.#share.bytes),
    };
    this.#counted.set(lane, now);
    this.#beyond.records += now.records - before.records;
    this.#beyond.bytes += now.bytes - before.bytes;
  }
}

interface Amount {
  readonly records: number;
  readonly bytes: number;
}

const NOTHING: Amount = { records: 0, bytes: 0 };
