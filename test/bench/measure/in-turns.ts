import { ioCounts } from './count-io.ts';
import type { Measured, Round } from './comparison.ts';
import { NO_IO, since, sum } from './io-counts.ts';
import { seconds } from './rounds.ts';

/** Does the things from `from` on, below `to`. */
export type Work = (from: number, to: number) => Promise<unknown>;

/**
 * Has both sides do `count` things, so many at a turn: what else the machine does meanwhile, and what grows, is met by both.
 * @returns how many a second each side did, in its own turns.
 */
export async function inTurns(count: number, turn: number, ours: Work, beside: Work): Promise<Round> {
  const sides = [
    { work: ours, tookS: 0, io: NO_IO },
    { work: beside, tookS: 0, io: NO_IO },
  ];
  for (let from = 0; from < count; from += turn) {
    for (const side of sides) {
      const before = ioCounts();
      side.tookS += await seconds(() => side.work(from, Math.min(from + turn, count)));
      side.io = sum([side.io, since(before, ioCounts())]);
    }
  }
  const [first, second] = sides.map(({ tookS, io }): Measured => ({ value: count / tookS, io, count }));
  if (first === undefined || second === undefined) throw new Error('a comparison has two sides');
  return { ours: first, beside: second };
}
