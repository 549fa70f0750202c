import type { InvalidConfig } from '@voicemail/runtime';
import type { Command } from 'commander';
import type { CommandContext, Run } from '../command-context.ts';
import { fine, wrong, type Finding } from '../doctor/finding.ts';
import { printJson } from '../output/print.ts';
import { plain } from '../output/table.ts';

const SOMETHING_IS_WRONG = 1;

type Context = Pick<CommandContext, 'terminal' | 'json'>;

export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('look at everything, and say what is wrong and what to do')
    .action(() => run('doctor', doctor, reportFaults));
}

async function doctor(context: CommandContext): Promise<number> {
  const { examine } = await import('../doctor/examine.ts');
  return report(context, [fine('configuration', 'has no fault'), ...(await examine(context))]);
}

/** Without a configuration there is nothing else to look at. */
function reportFaults({ faults }: InvalidConfig, context: Context): number {
  const findings = faults.map(({ variable, problem, example }) =>
    wrong(
      'configuration',
      `${variable} ${problem}`,
      example === undefined ? 'Put it right.' : `For example ${variable}=${example}`,
    ),
  );
  return report(context, findings);
}

function report(context: Context, findings: readonly Finding[]): number {
  const bad = findings.filter(({ ok }) => !ok).length;
  if (context.json) printJson(context, { ok: bad === 0, items: findings });
  else print(context, findings, bad);
  return bad === 0 ? 0 : SOMETHING_IS_WRONG;
}

function print({ terminal }: Context, findings: readonly Finding[], bad: number): void {
  const widest = Math.max(...findings.map(({ name }) => name.length));
  for (const { name, ok, unknown, detail, advice } of findings) {
    const mark =
      unknown === true
        ? terminal.style('yellow', '?    ')
        : ok
          ? terminal.style('green', 'ok   ')
          : terminal.style('red', 'WRONG');
    terminal.print(`${mark}  ${name.padEnd(widest)}  ${plain(detail)}\n`);
    if (advice !== undefined) terminal.print(`${' '.repeat(widest + 9)}${plain(advice)}\n`);
  }
  terminal.print(
    bad === 0 ? 'Everything is in order.\n' : `${bad} of ${findings.length} looks found something wrong.\n`,
  );
}
