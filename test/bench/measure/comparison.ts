import type { IoCounts } from './io-counts.ts';
import { perItem, sum } from './io-counts.ts';
import type { StoreCalls } from './store-calls.ts';
import { summary, type Summary } from './summary.ts';

/** What a number ought to be. */
export type Aim = { readonly atLeast: number } | { readonly atMost: number };

/** One side's rounds. */
export interface Side {
  readonly what: string;
  readonly rounds: Summary;
  /** Of one deposit (fact, …), over all rounds; null where nothing of the sort is compared. */
  readonly io: IoCounts | null;
}

/** Two things that were run side by side. */
export interface Comparison {
  readonly name: string;
  /** Of both sides' numbers: `deposits/s`, `ms`, … */
  readonly unit: string;
  readonly ours: Side;
  readonly beside: Side;
  /** Ours ÷ the other's, round by round. */
  readonly ratio: Summary;
  readonly aim: Aim | null;
  /** Whether the aim is of the ratio or of our own number. */
  readonly aimOf: 'ratio' | 'ours';
  /** What each asks of a store; null where that was not counted. */
  readonly calls: StoreCalls | null;
}

/** One side in one round. */
export interface Measured {
  readonly value: number;
  /** What the round asked of the disk, and for how many deposits (facts, …). */
  readonly io?: IoCounts;
  readonly count?: number;
}

export interface Round {
  readonly ours: Measured;
  readonly beside: Measured;
}

export interface ComparisonOptions {
  readonly name: string;
  readonly unit: string;
  readonly ours: string;
  readonly beside: string;
  readonly aim?: Aim;
  readonly aimOf?: 'ratio' | 'ours';
  readonly calls?: StoreCalls;
}

/** Sums up rounds in which both sides ran, one right after the other. */
export function comparison(options: ComparisonOptions, rounds: readonly Round[]): Comparison {
  return {
    name: options.name,
    unit: options.unit,
    ours: side(
      options.ours,
      rounds.map(({ ours }) => ours),
    ),
    beside: side(
      options.beside,
      rounds.map(({ beside }) => beside),
    ),
    ratio: summary(rounds.map(({ ours, beside }) => ours.value / beside.value)),
    aim: options.aim ?? null,
    aimOf: options.aimOf ?? 'ratio',
    calls: options.calls ?? null,
  };
}

function side(what: string, rounds: readonly Measured[]): Side {
  const io = rounds.flatMap((round) => (round.io === undefined ? [] : [round.io]));
  const count = rounds.reduce((total, round) => total + (round.count ?? 0), 0);
  return {
    what,
    rounds: summary(rounds.map(({ value }) => value)),
    io: io.length === 0 || count === 0 ? null : perItem(sum(io), count),
  };
}

/** Whether the median is where it ought to be; null where nothing is aimed at. */
export function isMet({ aim, aimOf, ratio, ours }: Comparison): boolean | null {
  if (aim === null) return null;
  const { median } = aimOf === 'ratio' ? ratio : ours.rounds;
  return 'atLeast' in aim ? median >= aim.atLeast : median <= aim.atMost;
}
