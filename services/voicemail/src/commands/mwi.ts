import type { Command } from 'commander';
import type { CommandContext, Run } from '../command-context.ts';
import { UsageError } from '../cli-error.ts';
import { printJson } from '../output/print.ts';
import { lampLine } from '../output/words.ts';
import { withServer } from '../server/with-server.ts';
import type { Client } from '../server/client.ts';
import { lampOf, lampPage } from './lamps.ts';
import { listQuery, withListOptions, type ListOptions } from './list-options.ts';
import { addMwiRebuild } from './mwi-rebuild.ts';
import { watchLamps } from './watch-lamps.ts';

export function addMwi(program: Command, run: Run): void {
  const mwi = withListOptions(program.command('mwi'))
    .description('the message-waiting lamps')
    .argument('[mailbox]', 'of one mailbox alone')
    .option('--watch', 'go on, with a line for each change, until Ctrl-C')
    .action((mailbox: string | undefined, options: ListOptions & { readonly watch?: true }) =>
      run('mwi', (context) => {
        if (options.watch === true) return watchLamps(context, mailbox);
        if (mailbox === undefined) return withServer(context, (client) => printLamps(context, client, options));
        if (options.limit !== undefined || options.cursor !== undefined) {
          throw new UsageError('--limit and --cursor are for the list: leave out the mailbox.');
        }
        return withServer(context, (client) => printLamp(context, client, mailbox));
      }),
    );
  addMwiRebuild(mwi, run);
}

async function printLamp(context: CommandContext, client: Client, mailbox: string): Promise<void> {
  const lamp = await lampOf(client, mailbox);
  if (context.json) printJson(context, lamp);
  else context.terminal.print(`${lampLine(lamp, context.terminal)}\n`);
}

async function printLamps(context: CommandContext, client: Client, { limit, cursor }: ListOptions): Promise<void> {
  const page = await lampPage(client, listQuery({ limit, cursor }));
  if (context.json) return printJson(context, page);
  const { terminal } = context;
  for (const lamp of page.items) terminal.print(`${lampLine(lamp, terminal)}\n`);
  if (page.items.length === 0) terminal.print('There is no mailbox yet: the first deposit makes one.\n');
  if (page.next !== undefined) terminal.error(`There are more: go on with --cursor ${page.next}\n`);
}
