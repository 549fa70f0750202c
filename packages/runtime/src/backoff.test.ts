import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

const bounds = { baseMs: 100, maxMs: 5_000 };

it('doubles the longest pause with each attempt, up to the most', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffMs(attempt, bounds, () => 1));
  expect(longest).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

it('draws the pause from the whole of 0 to the bound', () => {
  expect(backoffMs(3, bounds, () => 0)).toBe(0);
  expect(backoffMs(3, bounds, () => 0.25)).toBe(100);
});

it('stays finite after any number of attempts', () => {
  expect(backoffMs(1_000_000, bounds, () => 1)).toBe(5_000);
  expect(backoffMs(0, bounds, () => 1)).toBe(100);
});
