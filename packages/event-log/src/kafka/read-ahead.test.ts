import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartitionLane } from './partition-lane.ts';
import { ReadAhead } from './read-ahead.ts';

const bounds = { maxBufferedRecords: 40, maxBufferedBytes: 4_000 };

function lanesOf(count: number): PartitionLane[] {
  return Array.from({ length: count }, (_, partition) => new PartitionLane('events', partition));
}

function add(lane: PartitionLane, bytes: number): void {
  lane.add({
    topic: lane.topic,
    partition: lane.partition,
    offset: lane.queues.cursor + 1,
    key: null,
    value: new Uint8Array(bytes),
    headers: {},
    appendedAt: 0,
  });
}

function handleOne(lane: PartitionLane): void {
  const queue = lane.queues.peek();
  if (queue === undefined) return;
  const { offsets } = queue.batch(1, Infinity);
  lane.queues.take(queue, offsets);
  lane.handled(queue, offsets);
}

describe('the read-ahead', () => {
  it('keeps within its bounds, but for one record a partition, whatever arrives and is handled', () => {
    const steps = fc.array(
      fc.record({ lane: fc.nat(4), bytes: fc.integer({ min: 0, max: 900 }), handle: fc.boolean() }),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, (taken) => {
        const lanes = lanesOf(5);
        const readAhead = new ReadAhead(lanes, bounds);
        for (const step of taken) {
          const lane = lanes[step.lane];
          if (lane === undefined) continue;
          if (step.handle) handleOne(lane);
          else if (readAhead.hasRoom(lane, step.bytes)) add(lane, step.bytes);
          const several = lanes.filter(({ queues }) => queues.queued > 1);
          expect(several.reduce((sum, { queues }) => sum + queues.queued, 0)).toBeLessThanOrEqual(40);
          expect(several.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(4_000);
        }
      }),
    );
  });

  it('gives a lane that is empty room for a record of any size', () => {
    const [lane, ...others] = lanesOf(3);
    if (lane === undefined) throw new Error('there is a lane');
    expect(new ReadAhead([lane, ...others], bounds).hasRoom(lane, 1_000_000)).toBe(true);
  });

  it('leaves every partition its share, however long the backlog of another', () => {
    const [busy, quiet, third, fourth] = lanesOf(4);
    if (!busy || !quiet || !third || !fourth) throw new Error('there are four');
    const readAhead = new ReadAhead([busy, quiet, third, fourth], bounds);
    while (readAhead.hasRoom(busy, 1)) add(busy, 1);
    expect(busy.queues.queued).toBe(25);
    while (readAhead.hasRoom(quiet, 1)) add(quiet, 1);
    expect(quiet.queues.queued).toBe(5);
  });

  it('resumes who waits for room once a fetch is worth it, and never one that waits for its time', () => {
    const [busy, held] = lanesOf(2);
    if (!busy || !held) throw new Error('there are two');
    const readAhead = new ReadAhead([busy, held], bounds);
    while (readAhead.hasRoom(busy, 1)) add(busy, 1);
    busy.pause('room', () => () => {});
    held.pause('due', () => () => {});
    expect(readAhead.worthResuming()).toEqual([]);
    for (let handled = 0; handled < 10; handled += 1) handleOne(busy);
    expect(readAhead.worthResuming()).toEqual([busy]);
    busy.resume();
    expect(readAhead.worthResuming()).toEqual([]);
  });
});
