import { readArguments } from './arguments.ts';
import { FIGURES } from './figures/index.ts';
import type { Comparison } from './measure/comparison.ts';
import { machine } from './report/machine.ts';
import { report } from './report/report.ts';
import { openWorkspace } from './workspace.ts';

const USAGE = `node test/bench/main.ts [--quick] [--patient] [--million] [--json] [NAME...]

  --quick    fewer rounds and less data, a few minutes: shows that all of it works
  --patient  has stored messages on the disk, not in memory, where there are many: they take their time to make and to remove
  --million  has forget forget a caller on a volume among 1,000,000 messages on the disk: eight million files and folders, some 40 GB
  --json     prints JSON

${FIGURES.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n')}
`;

/** Runs what the arguments name, and prints it. @throws TypeError for arguments that it does not know. */
export async function run(argv: readonly string[]): Promise<void> {
  const { names, quick, patient, million, json, help } = readArguments(
    argv,
    FIGURES.map(({ name }) => name),
  );
  if (help) return void process.stdout.write(USAGE);
  const command = ['node test/bench/main.ts', ...argv].join(' ');
  await using workspace = await openWorkspace();
  const where = await machine(workspace.path);
  const comparisons: Comparison[] = [];
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  const missed: string[] = [];
  const missing = (what: string, why: string): void => {
    missed.push(`${what}: ${why}`);
    progress(`\n*** NOT MEASURED: ${what}\n*** ${why}\n`);
  };
  for (const figure of FIGURES.filter(({ name }) => names.includes(name))) {
    comparisons.push(...(await figure.run({ quick, patient, million, folder: workspace.folder, progress, missing })));
  }
  const text = json
    ? JSON.stringify({ command, machine: where, comparisons, missed }, null, 2)
    : report(where, command, comparisons, missed);
  process.stdout.write(`${text}\n`);
}
