import type { PartitionLane } from './partition-lane.ts';

export interface ReadAheadBounds {
  readonly maxBufferedRecords: number;
  readonly maxBufferedBytes: number;
}

/**
 * Whether a partition may read on. Half of the bounds is for whoever comes first, so that one busy partition fills the
 * handlers; of the other half every partition has its share, so that nobody's backlog keeps it from being read. A
 * partition always has room for one record, however large.
 */
export class ReadAhead {
  readonly #lanes: readonly PartitionLane[];
  readonly #common: Amount;
  readonly #share: Amount;

  constructor(lanes: readonly PartitionLane[], bounds: ReadAheadBounds) {
    this.#lanes = lanes;
    this.#common = half({ records: bounds.maxBufferedRecords, bytes: bounds.maxBufferedBytes });
    this.#share = { records: this.#common.records / lanes.length, bytes: this.#common.bytes / lanes.length };
  }

  /** Whether `lane` may take a record of so many bytes. */
  hasRoom(lane: PartitionLane, bytes: number): boolean {
    if (lane.queues.queued === 0) return true;
    const next = { records: lane.queues.queued + 1, bytes: lane.bytes + bytes };
    if (fits(next, this.#share)) return true;
    // What others have within their shares is theirs; the common half is what lies beyond.
    const beyond = this.#beyondShares();
    return fits({ records: beyond.records + 1, bytes: beyond.bytes + bytes }, this.#common);
  }

  /** The lanes that wait for room and have so much again that a fetch is worth it. */
  worthResuming(): readonly PartitionLane[] {
    const waiting = this.#lanes.filter((lane) => lane.waitsForRoom);
    if (waiting.length === 0) return [];
    if (fits(this.#beyondShares(), half(this.#common))) return waiting;
    return waiting.filter((lane) => fits({ records: lane.queues.queued, bytes: lane.bytes }, half(this.#share)));
  }

  #beyondShares(): Amount {
    let records = 0;
    let bytes = 0;
    for (const lane of this.#lanes) {
      records += Math.max(0, lane.queues.queued - this.#share.records);
      bytes += Math.max(0, lane.bytes - this.#share.bytes);
    }
    return { records, bytes };
  }
}

interface Amount {
  readonly records: number;
  readonly bytes: number;
}

function half({ records, bytes }: Amount): Amount {
  return { records: records / 2, bytes: bytes / 2 };
}

function fits(amount: Amount, bound: Amount): boolean {
  return amount.records <= bound.records && amount.bytes <= bound.bytes;
}
