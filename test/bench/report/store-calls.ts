import type { Comparison } from '../measure/comparison.ts';
import { total, type Calls, type StoreCalls } from '../measure/store-calls.ts';
import { digits } from './digits.ts';
import { left, right, table, type Cell } from './table.ts';

const number = (value: number): string => (Number.isInteger(value) ? String(value) : digits(value));

const kinds = (calls: Calls): string =>
  Object.entries(calls)
    .map(([kind, count]) => `${number(count)} ${kind}`)
    .join(', ');

function verdict({ ours, beside, least }: StoreCalls): string {
  const more = total(ours) - (least ?? total(beside));
  const whatFor = least === null ? 'as many' : `least ${least}`;
  return `${whatFor}: ${more <= 0 ? 'met' : `${number(more)} more`}`;
}

/** How many calls of its store one of something takes, on both sides; null where none were counted. */
export function storeCalls(comparisons: readonly Comparison[]): string | null {
  const rows = comparisons.flatMap(({ name, ours, beside, calls }): Cell[][] => {
    if (calls === null) return [];
    const row = (figure: string, side: string, of: Calls, aim: string): Cell[] => [
      left(figure),
      left(side),
      left(calls.of),
      right(number(total(of))),
      left(kinds(of)),
      left(aim),
    ];
    return [row(name, ours.what, calls.ours, verdict(calls)), row('', beside.what, calls.beside, '')];
  });
  return rows.length === 0 ? null : table(['figure', 'side', 'of', 'store calls', 'which', 'aim'], rows);
}
