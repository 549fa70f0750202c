import { describe, expect, it } from 'vitest';
import { KeyQueue } from './key-queue.ts';

function queueOf(...sizes: readonly number[]): KeyQueue {
  const queue = new KeyQueue('key');
  for (const [offset, bytes] of sizes.entries()) queue.add(offset, bytes);
  return queue;
}

describe('the queue of a key', () => {
  it('gives a batch up to the records and the bytes that are allowed', () => {
    expect(queueOf(1, 1, 1).batch(2, 10)).toEqual({ offsets: [0, 1], bytes: 2 });
    expect(queueOf(4, 4, 4).batch(3, 8)).toEqual({ offsets: [0, 1], bytes: 8 });
    expect(queueOf(1).batch(5, 10)).toEqual({ offsets: [0], bytes: 1 });
  });

  it('gives a record that is larger than all that is allowed alone', () => {
    expect(queueOf(99, 1).batch(2, 10)).toEqual({ offsets: [0], bytes: 99 });
  });

  it('gives the same batch again until it is handled, though more has come', () => {
    const queue = queueOf(1, 1);
    queue.fix(queue.batch(5, 10).offsets.length);
    queue.add(2, 1);
    expect(queue.batch(5, 10).offsets).toEqual([0, 1]);
    queue.handled();
    expect(queue.batch(5, 10).offsets).toEqual([2]);
  });

  it('keeps the order over many records', () => {
    const queue = new KeyQueue('key');
    const seen: number[] = [];
    for (let offset = 0; offset < 1_000; offset += 1) {
      queue.add(offset, 1);
      if (offset % 3 === 0) continue;
      const { offsets } = queue.batch(2, 10);
      queue.fix(offsets.length);
      queue.handled();
      seen.push(...offsets);
    }
    expect(seen).toEqual(Array.from(seen, (_, index) => index));
    expect(queue.size).toBe(1_000 - seen.length);
  });
});
