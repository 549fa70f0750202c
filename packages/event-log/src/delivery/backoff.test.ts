import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

const bounds = { baseMs: 100, capMs: 5_000 };

describe('the pause after a failure', () => {
  it('doubles with each failure, up to its cap', () => {
    expect([1, 2, 3, 6, 7, 1_000].map((attempt) => backoffMs(attempt, bounds, 0.999999))).toEqual([
      100, 200, 400, 3_200, 5_000, 5_000,
    ]);
  });

  it('is spread over the whole range, so that those who failed together do not come back together', () => {
    expect([0, 0.25, 0.5].map((random) => backoffMs(3, bounds, random))).toEqual([0, 100, 200]);
  });
});
