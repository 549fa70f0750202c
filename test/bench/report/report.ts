import { isMet, type Aim, type Comparison, type Side } from '../measure/comparison.ts';
import type { IoCounts } from '../measure/io-counts.ts';
import type { Summary } from '../measure/summary.ts';
import type { Machine } from './machine.ts';
import { digits } from './digits.ts';
import { storeCalls } from './store-calls.ts';
import { left, right, table, type Cell } from './table.ts';

const KIB = 1_024;

const spread = ({ median, least, most }: Summary): string => `${digits(median)} (${digits(least)} – ${digits(most)})`;
const aimText = (aim: Aim): string => ('atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`);

function verdict(compared: Comparison): string {
  if (compared.aim === null) return '';
  const whose = compared.aimOf === 'ours' ? `${compared.unit} ` : '';
  return `${whose}${aimText(compared.aim)}: ${isMet(compared) === true ? 'met' : 'short of it'}`;
}

/** Medians, with the least and the most of the rounds. */
function figures(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((compared): Cell[] => [
    left(compared.name),
    left(compared.unit),
    right(spread(compared.ours.rounds)),
    right(spread(compared.beside.rounds)),
    right(spread(compared.ratio)),
    left(verdict(compared)),
  ]);
  return table(['figure', 'unit', 'ours', 'beside it', 'ratio', 'aim'], rows);
}

const IO_COLUMNS: readonly (readonly [string, (io: IoCounts) => number | null])[] = [
  ['rows', (io) => io.rows],
  ['commits', (io) => io.commits],
  ['fsyncs', (io) => io.syncs],
  ['files made', (io) => io.filesMade],
  ['folders made', (io) => io.foldersMade],
  ['links, renames', (io) => io.links],
  ['removed', (io) => io.removed],
  ['KiB to disk', (io) => (io.diskBytes === null ? null : io.diskBytes / KIB)],
];

/** What one deposit (fact, …) asked of the disk, on both sides. */
function writes(comparisons: readonly Comparison[]): string | null {
  const row = (name: string, { what, io }: Side): Cell[][] =>
    io === null
      ? []
      : [
          [
            left(name),
            left(what),
            ...IO_COLUMNS.map(([, read]) => {
              const value = read(io);
              return right(value === null ? '?' : value === 0 ? '0' : digits(value));
            }),
          ],
        ];
  const rows = comparisons.flatMap(({ name, ours, beside }) => [...row(name, ours), ...row('', beside)]);
  return rows.length === 0 ? null : table(['figure', 'side', ...IO_COLUMNS.map(([heading]) => heading)], rows);
}

/** What was run beside what: once for figures that differ in their unit alone. */
function sides(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map(
    ({ name, ours, beside }) => `- ${name}: ours is ${ours.what}; beside it ${beside.what}.`,
  );
  return [...new Set(lines)].join('\n');
}

/** The whole run in words and tables. @param missed what could not be measured, and why. */
export function report(
  machine: Machine,
  command: string,
  comparisons: readonly Comparison[],
  missed: readonly string[],
): string {
  const { cores, processor, memoryGib, system, node, fileSystem, load } = machine;
  const where = `${cores} cores (${processor}), ${memoryGib} GiB, ${system}, Node ${node}; data on ${fileSystem}; load before the run ${load.toFixed(1)}`;
  const perItem = writes(comparisons);
  const calls = storeCalls(comparisons);
  return [
    `\`${command}\` on ${where}.`,
    ...missed.map((text) => `**Not measured:** ${text}`),
    figures(comparisons),
    sides(comparisons),
    ...(perItem === null ? [] : ['For each deposit (or fact), the mean of all rounds:', perItem]),
    ...(calls === null ? [] : ['What each asks of its store:', calls]),
  ].join('\n\n');
}
