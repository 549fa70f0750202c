import { expect, test } from 'vitest';
import { atMost } from './at-most.ts';

/** Work that ends when it is told to. */
function held(begun: number[], number: number) {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const work = (): Promise<number> => {
    begun.push(number);
    return promise;
  };
  return { work, end: () => resolve(number), fail: () => reject(new Error(`work ${number} failed`)) };
}

test('so many run at once, the others wait in the order in which they came, also where one fails', async () => {
  const begun: number[] = [];
  const run = atMost(2);
  const works = [1, 2, 3, 4].map((number) => held(begun, number));
  const [first, second, third, fourth] = works.map(({ work }) => run(work));
  expect(begun).toEqual([1, 2]);
  works[1]?.fail();
  await expect(second).rejects.toThrow('work 2 failed');
  expect(begun).toEqual([1, 2, 3]);
  works[0]?.end();
  expect(await first).toBe(1);
  expect(begun).toEqual([1, 2, 3, 4]);
  works[2]?.end();
  works[3]?.end();
  expect(await Promise.all([third, fourth])).toEqual([3, 4]);
  const fifth = held(begun, 5);
  fifth.end();
  expect(await run(fifth.work)).toBe(5);
});
