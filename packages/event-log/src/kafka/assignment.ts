import { setMaxListeners } from 'node:events';
import type { Clock } from '@voicemail/runtime';
import type { ConsumerGeneration } from 'kafkajs';
import type { Fencing } from './fencing.ts';
import { PartitionLane } from './partition-lane.ts';
import { waitAtMost } from './wait-at-most.ts';

/**
 * What a member has from one rebalance to the next. Once it is released nothing counts any more that belongs to it:
 * the partitions may be another member's, and if they come back they are read again from what was committed.
 */
export class Assignment {
  readonly lanes: readonly PartitionLane[];
  isReleased = false;
  #inFlight = 0;
  #drained: (() => void)[] = [];
  readonly #pauses = new AbortController();
  readonly #handlers = new AbortController();
  readonly #generation: ConsumerGeneration;
  readonly #topics: readonly { readonly lanes: readonly PartitionLane[]; turn: number }[];
  /** The topic that is served next: topics take turns, and within a topic its partitions. */
  #turn = 0;

  /** @param fencing null where its partitions have no fences. */
  constructor(generation: ConsumerGeneration, fencing: Fencing | null = null) {
    const heartbeat = (): Promise<void> => generation.heartbeat();
    this.#generation = generation;
    this.#topics = Object.entries(generation.assignment)
      .filter(([, partitions]) => partitions.length > 0)
      .map(([topic, partitions]) => ({
        lanes: partitions.map(
          (partition) => new PartitionLane(topic, partition, fencing?.fence(topic, partition, heartbeat) ?? null),
        ),
        turn: 0,
      }));
    this.lanes = this.#topics.flatMap(({ lanes }) => lanes);
    setMaxListeners(0, this.#pauses.signal, this.#handlers.signal);
  }

  /** Whether records may be handed over. */
  get isOpen(): boolean {
    return !this.#pauses.signal.aborted;
  }

  /** Ends every pause: of keys that wait for their next attempt, of delayed records, between commits. */
  get pauses(): AbortSignal {
    return this.#pauses.signal;
  }

  /** Aborts what handlers are doing. */
  get handlers(): AbortSignal {
    return this.#handlers.signal;
  }

  lane(topic: string, partition: number): PartitionLane | undefined {
    return this.lanes.find((lane) => lane.partition === partition && lane.topic === topic);
  }

  /** The lane whose turn it is among those that have something ready; none once it is closed. */
  nextReady(): PartitionLane | undefined {
    if (!this.isOpen) return undefined;
    for (let step = 0; step < this.#topics.length; step += 1) {
      const topic = this.#topics[(this.#turn + step) % this.#topics.length];
      const index = topic?.lanes.findIndex((_, at) => laneAt(topic, at)?.hasReady) ?? -1;
      if (topic !== undefined && index >= 0) {
        const lane = laneAt(topic, index);
        topic.turn = (topic.turn + index + 1) % topic.lanes.length;
        this.#turn = (this.#turn + step + 1) % this.#topics.length;
        return lane;
      }
    }
    return undefined;
  }

  /** Commits how far every partition is done. @throws what the client throws, also when the generation is over. */
  async commit(): Promise<void> {
    const ahead = this.lanes.filter((lane) => lane.isAhead).map((lane) => ({ lane, offset: lane.queues.low }));
    if (ahead.length === 0) return;
    await this.#generation.commitOffsets({
      topics: this.#topics.flatMap(({ lanes }) => {
        const partitions = ahead
          .filter(({ lane }) => lanes.includes(lane))
          .map(({ lane, offset }) => ({ partition: lane.partition, offset: String(offset) }));
        return partitions.length > 0 ? [{ topic: lanes[0]?.topic ?? '', partitions }] : [];
      }),
    });
    for (const { lane, offset } of ahead) lane.committed = offset;
  }

  /** A handler begins. */
  begun(): void {
    this.#inFlight += 1;
  }

  /** A handler has ended. */
  ended(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Nothing new is handed over, and every pause ends. */
  close(reason: Error): void {
    this.#pauses.abort(reason);
  }

  /** Waits up to `graceMs` for the handlers under way. */
  async drain(graceMs: number, clock: Clock): Promise<void> {
    if (this.#inFlight === 0 || graceMs <= 0) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained.push(resolve);
    });
    await waitAtMost(drained, graceMs, clock);
  }

  /** From here on nothing counts; what is still under way is aborted. */
  release(reason: Error): void {
    this.isReleased = true;
    this.close(reason);
    this.#handlers.abort(reason);
    for (const lane of this.lanes) {
      lane.fence?.end();
      lane.resume();
    }
  }
}

function laneAt(
  topic: { readonly lanes: readonly PartitionLane[]; readonly turn: number },
  step: number,
): PartitionLane | undefined {
  return topic.lanes[(topic.turn + step) % topic.lanes.length];
}
