import type { ForgetRunView } from '@voicemail/contracts';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { CommandContext, Run } from '../command-context.ts';
import { UsageError } from '../cli-error.ts';
import { printJson } from '../output/print.ts';
import { table, type Column } from '../output/table.ts';
import type { Client } from '../server/client.ts';
import { withServer } from '../server/with-server.ts';

interface RunOptions {
  readonly dryRun?: boolean;
  readonly at?: string;
}

export function addForget(program: Command, run: Run): void {
  const forget = program.command('forget').description('the deletion of what callers asked to be forgotten');
  forget
    .command('run')
    .description('run the deletion rule once, now')
    .option('--dry-run', 'only say what a run would delete')
    .addOption(new Option('--at <time>', 'with --dry-run: a run at that time, such as 2026-03-03T10:00:00Z'))
    .action((options: RunOptions) =>
      run('forget run', async (context) => {
        checkTime(options);
        return withServer(context, (client) => runRule(context, client, options));
      }),
    );
}

const Time = z.iso.datetime({ offset: true });

/** @throws UsageError. */
function checkTime({ dryRun = false, at }: RunOptions): void {
  if (at === undefined) return;
  if (!Time.safeParse(at).success) throw new UsageError('--at must be a time, such as 2026-03-03T10:00:00Z.');
  if (!dryRun) throw new UsageError('--at is for --dry-run: a run is now.');
}

async function runRule(context: CommandContext, client: Client, { dryRun = false, at }: RunOptions): Promise<void> {
  const body = Buffer.from(JSON.stringify({ dryRun, ...(at === undefined ? {} : { at }) }));
  const headers = { 'content-type': 'application/json' };
  const ran = await client.call<ForgetRunView>('POST', '/v1/operations/forget-run', { headers, body });
  if (context.json) {
    printJson(context, ran);
    return;
  }
  if (ran.items.length > 0) context.terminal.print(table(COLUMNS, ran.items));
  const what = ran.deleted === 1 ? 'message' : 'messages';
  const why = 'not due yet, under a legal hold, or in a region that cannot be reached';
  const kept = ran.kept === 0 ? '' : ` ${ran.kept} marked ${ran.kept === 1 ? 'is' : 'are'} kept: ${why}.`;
  context.terminal.print(`${dryRun ? 'Would be deleted' : 'Deleted'}: ${ran.deleted} ${what}.${kept}\n`);
}

const COLUMNS: readonly Column<ForgetRunView['items'][number]>[] = [
  { title: 'TENANT', value: ({ tenant }) => tenant },
  { title: 'MAILBOX', value: ({ mailbox }) => mailbox },
  { title: 'MESSAGE', value: ({ messageId }) => messageId },
  { title: 'REGION', value: ({ region }) => region },
];
