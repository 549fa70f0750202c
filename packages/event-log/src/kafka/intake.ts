import { Buffer } from 'node:buffer';
import type { Clock } from '@voicemail/runtime';
import type { EachBatchPayload } from 'kafkajs';
import type { LogRecord, TopicSettings } from '../port.ts';
import type { Assignment } from './assignment.ts';
import { Delay } from './delay.ts';
import { isMarker } from './marker.ts';
import type { PartitionLane } from './partition-lane.ts';
import { ReadAhead, type ReadAheadBounds } from './read-ahead.ts';
import { recordBytes } from './record-bytes.ts';
import { toLogRecord } from './record.ts';

/** Queues what arrives in the lanes of an assignment, within the bounds of the read-ahead and when it is due. */
export class Intake {
  readonly #assignment: Assignment;
  readonly #readAhead: ReadAhead;
  readonly #delays = new Map<PartitionLane, Delay>();
  readonly #queued: () => void;
  /** Lanes where something waits for room. */
  readonly #crowded = new Set<PartitionLane>();

  constructor(options: {
    readonly assignment: Assignment;
    readonly topics: readonly TopicSettings[];
    readonly bounds: ReadAheadBounds;
    readonly clock: Clock;
    /** Told when delayed records were queued. */
    readonly queued: () => void;
  }) {
    const { lanes } = options.assignment;
    this.#assignment = options.assignment;
    this.#readAhead = new ReadAhead(lanes.length, options.bounds);
    this.#queued = options.queued;
    for (const lane of lanes) {
      const delayMs = options.topics.find(({ name }) => name === lane.topic)?.delayMs;
      if (delayMs !== undefined) this.#delays.set(lane, new Delay(delayMs, options.clock));
    }
  }

  take(payload: EachBatchPayload): void {
    const { topic, partition, messages } = payload.batch;
    const lane = this.#assignment.lane(topic, partition);
    const last = messages.at(-1);
    if (lane === undefined || last === undefined) return;
    const pause = (): (() => void) => payload.pause();
    // Nothing new while it stops; without the pause the same would be fetched again at once.
    if (!this.#assignment.isOpen) return lane.pause(pause);
    lane.arrive(messages.map((message) => detached(toLogRecord(topic, partition, message))));
    lane.passTo(Number(payload.batch.lastOffset()) + 1);
    payload.resolveOffset(last.offset);
    this.#fill(lane);
    if (lane.waiting !== undefined) lane.pause(pause);
  }

  /** Records of `lane` were handled: there is room again, for it or for others. */
  handled(lane: PartitionLane): void {
    this.#readAhead.changed(lane);
    const crowded = [...this.#crowded];
    this.#crowded.clear();
    for (const one of crowded) this.#fill(one);
  }

  #fill(lane: PartitionLane): void {
    for (let record = lane.waiting; record !== undefined; record = lane.waiting) {
      if (isMarker(record)) {
        lane.skip();
      } else if (!this.#isDue(lane, record)) {
        return;
      } else if (this.#readAhead.hasRoom(lane, recordBytes(record))) {
        lane.queue();
        this.#readAhead.changed(lane);
      } else {
        this.#crowded.add(lane);
        return;
      }
    }
    lane.resume();
  }

  #isDue(lane: PartitionLane, { appendedAt }: LogRecord): boolean {
    const delay = this.#delays.get(lane);
    if (delay === undefined || delay.isDue(appendedAt)) return true;
    void delay.sleep(appendedAt, this.#assignment.pauses).then(
      () => {
        this.#fill(lane);
        this.#queued();
      },
      // The partition is let go.
      () => {},
    );
    return false;
  }
}

/** With bytes of its own: those that the client gives keep the whole answer in memory that they came in. */
function detached(record: LogRecord): LogRecord {
  return record.value === null ? record : { ...record, value: Buffer.from(record.value) };
}
