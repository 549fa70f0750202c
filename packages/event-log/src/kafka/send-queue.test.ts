import type { Message } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { LogError } from '../log-error.ts';
import { SendQueue, type Waiting } from './send-queue.ts';

interface Sent {
  readonly values: readonly unknown[];
  readonly answer: PromiseWithResolvers<number>;
}

/** A queue whose sends wait until the test answers them, and what became of each record. */
function openQueue(bounds = { maxBatchRecords: 100, maxBatchBytes: 1_000 }) {
  const sends: Sent[] = [];
  const outcomes: Record<string, number | string | null> = {};
  const queue = new SendQueue((messages: readonly Message[]) => {
    const answer = Promise.withResolvers<number>();
    sends.push({ values: messages.map(({ value }) => value), answer });
    return answer.promise;
  }, bounds);
  const record = (name: string, more: Partial<Waiting> = {}): Waiting => ({
    message: { key: null, value: name },
    bytes: 10,
    isWanted: () => true,
    done: (offset) => void (outcomes[name] = offset),
    failed: (error) => void (outcomes[name] = error.code),
    ...more,
  });
  const valuesSent = () => sends.map(({ values }) => values.join(''));
  return { queue, sends, outcomes, record, valuesSent, settle: () => new Promise(setImmediate) };
}

describe('what waits for one partition', () => {
  it('is sent one send after the other, and what came meanwhile goes together, in order', async () => {
    const { queue, sends, outcomes, record, valuesSent, settle } = openQueue();
    queue.add([record('a')]);
    await settle();
    queue.add([record('b'), record('c')]);
    queue.add([record('d')]);
    await settle();
    expect(valuesSent()).toEqual(['a']);
    sends[0]?.answer.resolve(7);
    await settle();
    expect(valuesSent()).toEqual(['a', 'bcd']);
    sends[1]?.answer.resolve(8);
    await queue.drained();
    expect(outcomes).toEqual({ a: 7, b: 8, c: 9, d: 10 });
  });

  it('is sent in batches within the bounds, and what is larger than a batch alone', async () => {
    const { queue, sends, record, valuesSent, settle } = openQueue({ maxBatchRecords: 3, maxBatchBytes: 100 });
    const large = record('L', { bytes: 5_000 });
    queue.add([...'abcd', 'L', ...'ef'].map((name) => (name === 'L' ? large : record(name, { bytes: 40 }))));
    for (const turn of [0, 1, 2, 3]) {
      await settle();
      sends[turn]?.answer.resolve(turn);
    }
    await queue.drained();
    expect(valuesSent()).toEqual(['ab', 'cd', 'L', 'ef']);
  });

  it('goes on after a send that failed, without what is not wanted any more', async () => {
    const { queue, sends, outcomes, record, valuesSent, settle } = openQueue({
      maxBatchRecords: 1,
      maxBatchBytes: 100,
    });
    let isWanted = true;
    const failed = (error: LogError): void => {
      outcomes['a'] = error.code;
      isWanted = false;
    };
    queue.add([record('a', { failed }), record('b', { isWanted: () => isWanted }), record('c')]);
    await settle();
    sends[0]?.answer.reject(new LogError('unavailable', 'down'));
    await settle();
    sends[1]?.answer.resolve(3);
    await queue.drained();
    expect(valuesSent()).toEqual(['a', 'c']);
    expect(outcomes).toEqual({ a: 'unavailable', b: null, c: 3 });
  });
});
