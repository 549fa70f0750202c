import { Buffer } from 'node:buffer';
import type { Clock } from '@voicemail/runtime';
import type { EachBatchPayload } from 'kafkajs';
import type { LogRecord, TopicSettings } from '../port.ts';
import type { Assignment } from './assignment.ts';
import { Delay } from './delay.ts';
import { isMarker } from './marker.ts';
import type { PartitionLane } from './partition-lane.ts';
import { recordBytes } from './record-bytes.ts';
import { toLogRecord } from './record.ts';

/**
 * Takes what was fetched into the lanes of an assignment, up to the bounds of the read-ahead and to what is due. What
 * it does not take is fetched again when the partition is resumed.
 */
export class Intake {
  readonly #assignment: Assignment;
  readonly #delays = new Map<PartitionLane, Delay>();

  constructor(assignment: Assignment, topics: readonly TopicSettings[], clock: Clock) {
    this.#assignment = assignment;
    for (const lane of assignment.lanes) {
      const delayMs = topics.find(({ name }) => name === lane.topic)?.delayMs;
      if (delayMs !== undefined) this.#delays.set(lane, new Delay(delayMs, clock));
    }
  }

  take(payload: EachBatchPayload): void {
    const { batch } = payload;
    const pause = (): (() => void) => payload.pause();
    const lane = this.#assignment.lane(batch.topic, batch.partition);
    if (lane === undefined) return;
    // Nothing new while it stops; without the pause the same would be fetched again at once.
    if (!this.#assignment.isOpen) return lane.pause('room', pause);
    let taken: string | null = null;
    for (const message of batch.messages) {
      // A partition that moves to another broker may arrive from both.
      if (Number(message.offset) >= lane.queues.cursor) {
        const record = toLogRecord(batch.topic, batch.partition, message);
        if (isMarker(record)) lane.passTo(record.offset + 1);
        else if (!this.#isDue(lane, record.appendedAt, pause)) break;
        else if (this.#assignment.readAhead.hasRoom(lane, recordBytes(record))) lane.add(detached(record));
        else {
          lane.pause('room', pause);
          break;
        }
      }
      taken = message.offset;
    }
    if (taken !== null) payload.resolveOffset(taken);
    if (taken === batch.messages.at(-1)?.offset) lane.passTo(Number(batch.lastOffset()) + 1);
  }

  #isDue(lane: PartitionLane, appendedAt: number, pause: () => () => void): boolean {
    const delay = this.#delays.get(lane);
    if (delay === undefined || delay.isDue(appendedAt)) return true;
    lane.pause('due', pause);
    void delay.sleep(appendedAt, this.#assignment.pauses).then(
      () => lane.resume(),
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
