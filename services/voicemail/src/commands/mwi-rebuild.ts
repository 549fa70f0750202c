import type { Command } from 'commander';
import type { CommandContext, Run } from '../command-context.ts';
import { CliError } from '../cli-error.ts';
import { printJson } from '../output/print.ts';
import { progress } from '../output/progress.ts';
import type { Client } from '../server/client.ts';
import { withServer } from '../server/with-server.ts';
import { everyMailbox } from './lamps.ts';

const LOOK_EVERY_MS = 200;
/** What is not recounted by then goes on by itself. */
const MAX_WAIT_MS = 600_000;

export function addMwiRebuild(mwi: Command, run: Run): void {
  mwi
    .command('rebuild')
    .description('count every mailbox again from what is stored, and wait until that is done')
    .action(() => run('mwi rebuild', (context) => withServer(context, (client) => rebuild(context, client))));
}

async function rebuild(context: CommandContext, client: Client): Promise<void> {
  const { clock, terminal } = context;
  await client.call('POST', '/v1/operations/mwi-rebuild');
  const shown = progress(terminal);
  const untilMs = clock.monotonicMs() + MAX_WAIT_MS;
  for (;;) {
    const { waiting, total } = await countWaiting(client);
    if (waiting === 0) {
      shown.done();
      if (context.json) printJson(context, { mailboxes: total });
      else terminal.print(`Counted again: ${total} ${total === 1 ? 'mailbox' : 'mailboxes'}.\n`);
      return;
    }
    shown.say(`counted again: ${total - waiting} of ${total} mailboxes`);
    if (clock.monotonicMs() >= untilMs) {
      shown.done();
      throw new CliError(`${waiting} of ${total} mailboxes could not be counted yet; it goes on by itself.`);
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

async function countWaiting(client: Client): Promise<{ readonly waiting: number; readonly total: number }> {
  let waiting = 0;
  let total = 0;
  for await (const { counts } of everyMailbox(client)) {
    total += 1;
    if (counts === null || counts.stale) waiting += 1;
  }
  return { waiting, total };
}
