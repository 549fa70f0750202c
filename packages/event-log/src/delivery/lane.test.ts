import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lane } from './lane.ts';

describe('a lane', () => {
  it('is done up to its cursor when nothing is queued', () => {
    expect(new Lane(7).low).toBe(7);
  });

  it('is never done beyond an unhandled record, and up to the lowest of them, in whatever order they end', () => {
    const steps = fc.array(
      fc.record({ key: fc.constantFrom('a', 'b', 'c', null), gap: fc.integer({ min: 0, max: 3 }) }),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat()), (records, choices) => {
        const lane = new Lane(0);
        const unhandled = new Set<number>();
        for (const { key, gap } of records) {
          const offset = lane.cursor + gap;
          lane.add(offset, key, 1);
          unhandled.add(offset);
        }
        const running: {
          readonly queue: NonNullable<ReturnType<Lane['peek']>>;
          readonly offsets: readonly number[];
        }[] = [];
        while (unhandled.size > 0) {
          for (let queue = lane.peek(); queue !== undefined; queue = lane.peek()) {
            const { offsets } = queue.batch(2, 100);
            lane.take(queue, offsets);
            running.push({ queue, offsets });
          }
          const choice = Number(choices.next().value) % running.length;
          for (const { queue, offsets } of running.splice(choice, 1)) {
            lane.handled(queue, offsets);
            for (const offset of offsets) unhandled.delete(offset);
          }
          expect(lane.low).toBe(Math.min(lane.cursor, ...unhandled));
          expect(lane.queued).toBe(unhandled.size);
        }
        expect(lane.hasReady).toBe(false);
      }),
    );
  });

  it('serves the keys in turn: a key that had its batch goes to the end', () => {
    const lane = new Lane(0);
    for (const key of ['a', 'a', 'b']) lane.add(lane.cursor, key, 1);
    const order: (string | number)[] = [];
    for (let queue = lane.peek(); queue !== undefined; queue = lane.peek()) {
      const { offsets } = queue.batch(1, 10);
      lane.take(queue, offsets);
      order.push(queue.id);
      lane.handled(queue, offsets);
    }
    expect(order).toEqual(['a', 'b', 'a']);
  });
});
