import { expect, it } from 'vitest';
import { ahead } from './ahead.ts';

async function* numbers(to: number): AsyncGenerator<number> {
  for (let number = 1; number <= to; number += 1) yield number;
}

it('gives the answers in order, with no more under way than it may have', async () => {
  let [underWay, most] = [0, 0];
  const task = async (number: number): Promise<number> => {
    underWay += 1;
    most = Math.max(most, underWay);
    // The later ones are done first.
    for (let turn = 0; turn < 20 - number; turn += 1) await Promise.resolve();
    underWay -= 1;
    return number;
  };
  expect(await Array.fromAsync(ahead(numbers(10), 3, task))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(most).toBe(3);
});

it('begins nothing before its answer is wanted, or may soon be', async () => {
  const begun: number[] = [];
  const answers = ahead(numbers(100), 4, async (number) => void begun.push(number));
  await answers.next();
  await answers.next();
  expect(begun.length).toBeGreaterThanOrEqual(4);
  expect(begun.length).toBeLessThanOrEqual(5);
  await answers.return(undefined);
});

it('tells of a failure in its turn, and ends what it reads from', async () => {
  let isEnded = false;
  async function* source(): AsyncGenerator<number> {
    try {
      yield* numbers(10);
    } finally {
      isEnded = true;
    }
  }
  const got: number[] = [];
  const run = async (): Promise<void> => {
    const task = async (number: number): Promise<number> => {
      if (number === 3) throw new Error('the third');
      return number;
    };
    for await (const answer of ahead(source(), 5, task)) got.push(answer);
  };
  await expect(run()).rejects.toThrow('the third');
  expect(got).toEqual([1, 2]);
  expect(isEnded).toBe(true);
});
