import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartitionLane } from './partition-lane.ts';
import { ReadAhead } from './read-ahead.ts';

const bounds = { maxBufferedRecords: 40, maxBufferedBytes: 4_000 };

/** Lanes that queue only what they may, and the read-ahead that says so. */
class World {
  readonly lanes: readonly PartitionLane[];
  readonly #readAhead: ReadAhead;

  constructor(count: number) {
    this.lanes = Array.from({ length: count }, (_, partition) => new PartitionLane('events', partition));
    this.#readAhead = new ReadAhead(count, bounds);
  }

  lane(index: number): PartitionLane {
    const lane = this.lanes[index];
    if (lane === undefined) throw new Error(`there is no lane ${index}`);
    return lane;
  }

  /** @returns whether there was room. */
  queue(index: number, bytes: number): boolean {
    const lane = this.lane(index);
    if (!this.#readAhead.hasRoom(lane, bytes)) return false;
    const { topic, partition } = lane;
    const offset = lane.fetchedTo + 1;
    const value = new Uint8Array(bytes);
    lane.arrive([{ topic, partition, offset, key: null, value, headers: {}, appendedAt: 0 }]);
    lane.queue();
    this.#readAhead.changed(lane);
    return true;
  }

  handleOne(index: number): void {
    const lane = this.lane(index);
    const queue = lane.queues.peek();
    if (queue === undefined) return;
    const { offsets } = queue.batch(1, Infinity);
    lane.queues.take(queue, offsets);
    lane.handled(queue, offsets);
    this.#readAhead.changed(lane);
  }

  queueAll(index: number, bytes: number): number {
    while (this.queue(index, bytes));
    return this.lane(index).queues.queued;
  }
}

describe('the read-ahead', () => {
  it('keeps within its bounds, but for one record a partition, whatever arrives and is handled', () => {
    const steps = fc.array(
      fc.record({ lane: fc.nat(4), bytes: fc.integer({ min: 0, max: 900 }), handle: fc.boolean() }),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, (taken) => {
        const world = new World(5);
        for (const step of taken) {
          if (step.handle) world.handleOne(step.lane);
          else world.queue(step.lane, step.bytes);
          const several = world.lanes.filter(({ queues }) => queues.queued > 1);
          expect(several.reduce((sum, { queues }) => sum + queues.queued, 0)).toBeLessThanOrEqual(40);
          expect(several.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(4_000);
        }
      }),
    );
  });

  it('gives a lane that is empty room for a record of any size', () => {
    expect(new World(3).queue(0, 1_000_000)).toBe(true);
  });

  it('leaves every partition its share, however long the backlog of another', () => {
    const world = new World(4);
    expect(world.queueAll(0, 1)).toBe(25);
    expect([1, 2, 3].map((index) => world.queueAll(index, 1))).toEqual([5, 5, 5]);
    world.handleOne(0);
    expect(world.queueAll(1, 1)).toBe(6);
  });

  it('has all its room again when everything is handled', () => {
    const world = new World(2);
    for (let round = 0; round < 3; round += 1) {
      expect(world.queueAll(0, 100)).toBe(30);
      for (let handled = 0; handled < 30; handled += 1) world.handleOne(0);
    }
  });
});
