import { manualClock } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { Assignment } from './assignment.ts';

function assignmentOf(assignment: Readonly<Record<string, readonly number[]>>, committed: unknown[] = []): Assignment {
  const commitOffsets = async (offsets: unknown): Promise<void> => void committed.push(offsets);
  return new Assignment({ assignment, commitOffsets, heartbeat: async () => {} });
}

function add(assignment: Assignment, topic: string, partition: number, offset: number): void {
  const record = { topic, partition, offset, key: null, value: null, headers: {}, appendedAt: 0 };
  const lane = assignment.lane(topic, partition);
  lane?.arrive([record]);
  lane?.queue();
}

/** Hands the next record over, and has it handled. */
function next(assignment: Assignment): string | undefined {
  const lane = assignment.nextReady();
  const queue = lane?.queues.peek();
  if (lane === undefined || queue === undefined) return undefined;
  const { offsets } = queue.batch(1, 1);
  lane.queues.take(queue, offsets);
  lane.handled(queue, offsets);
  return `${lane.topic}-${lane.partition}`;
}

describe('an assignment', () => {
  it('gives the topics their turn, and within a topic the partitions', () => {
    const assignment = assignmentOf({ a: [0, 1], b: [0], none: [] });
    for (const offset of [0, 1, 2]) {
      for (const partition of [0, 1]) add(assignment, 'a', partition, offset);
      add(assignment, 'b', 0, offset);
    }
    const order = Array.from({ length: 10 }, () => next(assignment));
    expect(order).toEqual(['a-0', 'b-0', 'a-1', 'b-0', 'a-0', 'b-0', 'a-1', 'a-0', 'a-1', undefined]);
  });

  it('commits how far each partition is done, once', async () => {
    const committed: unknown[] = [];
    const assignment = assignmentOf({ a: [0, 1], b: [4] }, committed);
    add(assignment, 'a', 0, 7);
    add(assignment, 'a', 0, 9);
    add(assignment, 'b', 4, 3);
    await assignment.commit();
    expect(next(assignment)).toBe('a-0');
    expect(next(assignment)).toBe('b-4');
    await assignment.commit();
    await assignment.commit();
    const offset = (partition: number, at: string) => ({ partition, offset: at });
    expect(committed).toEqual([
      {
        topics: [
          { topic: 'a', partitions: [offset(0, '7')] },
          { topic: 'b', partitions: [offset(4, '3')] },
        ],
      },
      {
        topics: [
          { topic: 'a', partitions: [offset(0, '9')] },
          { topic: 'b', partitions: [offset(4, '4')] },
        ],
      },
    ]);
  });

  it('commits beyond what nobody is handed, but not beyond what is not handled', async () => {
    const committed: unknown[] = [];
    const assignment = assignmentOf({ a: [0] }, committed);
    const at = (offset: string) => ({ topics: [{ topic: 'a', partitions: [{ partition: 0, offset }] }] });
    assignment.lane('a', 0)?.passTo(5);
    await assignment.commit();
    add(assignment, 'a', 0, 6);
    assignment.lane('a', 0)?.passTo(12);
    await assignment.commit();
    next(assignment);
    await assignment.commit();
    expect(committed).toEqual([at('5'), at('6'), at('12')]);
  });

  it('waits for what is under way up to the grace, and is open no more', async () => {
    const clock = manualClock(0);
    const assignment = assignmentOf({ a: [0] });
    assignment.begun();
    assignment.begun();
    let drained = 0;
    assignment.close(new Error('rebalance'));
    void assignment.drain(1_000, clock).then(() => (drained += 1));
    void assignment.drain(5_000, clock).then(() => (drained += 1));
    expect(assignment.isOpen).toBe(false);
    await clock.advance(999);
    expect(drained).toBe(0);
    await clock.advance(1);
    expect(drained).toBe(1);
    assignment.ended();
    await clock.advance(0);
    expect(drained).toBe(1);
    assignment.ended();
    await clock.advance(0);
    expect(drained).toBe(2);
  });
});
