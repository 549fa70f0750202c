import type { DeadLetterView } from '@voicemail/contracts';
import type { Command } from 'commander';
import type { CommandContext, Run } from '../command-context.ts';
import { printJson, printPage, type Page } from '../output/print.ts';
import { plain, type Column } from '../output/table.ts';
import { time } from '../output/words.ts';
import { withServer } from '../server/with-server.ts';
import { listQuery, withListOptions, type ListOptions } from './list-options.ts';

export function addDeadLetters(program: Command, run: Run): void {
  const deadLetters = withListOptions(program.command('dead-letters'))
    .description('the records that were refused, and are kept')
    .action(({ limit, cursor }: ListOptions) =>
      run('dead-letters', (context) =>
        withServer(context, async (client) => {
          const path = `/v1/dead-letters${listQuery({ limit, cursor })}`;
          printPage(context, await client.call<Page<DeadLetterView>>('GET', path), COLUMNS, 'There is no dead letter.');
        }),
      ),
    );
  deadLetters
    .command('show')
    .description('what is known of one')
    .argument('<id>')
    .action((id: string) =>
      run('dead-letters show', (context) =>
        withServer(context, async (client) => {
          const letter = await client.call<DeadLetterView>('GET', `/v1/dead-letters/${encodeURIComponent(id)}`);
          if (context.json) printJson(context, letter);
          else printFields(context, letter);
        }),
      ),
    );
  deadLetters
    .command('replay')
    .description('hand the record in again, as it was')
    .argument('<id>')
    .action((id: string) =>
      run('dead-letters replay', (context) =>
        withServer(context, async (client) => {
          const answer = await client.call('POST', `/v1/dead-letters/${encodeURIComponent(id)}/replay`);
          if (context.json) printJson(context, answer);
          else context.terminal.print(`Handed in again: ${id}\n`);
        }),
      ),
    );
}

const COLUMNS: readonly Column<DeadLetterView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'REASON', value: ({ reason }) => reason },
  { title: 'TENANT', value: ({ tenant }) => tenant ?? '?' },
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'TAKEN', value: ({ takenAt }) => time(takenAt) },
  { title: 'KEPT UNTIL', value: ({ expiresAt }) => time(expiresAt) },
];

function printFields({ terminal }: CommandContext, letter: DeadLetterView): void {
  const fields = Object.entries(letter);
  const widest = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) terminal.print(`${name.padEnd(widest)}  ${plain(String(value ?? '-'))}\n`);
}
