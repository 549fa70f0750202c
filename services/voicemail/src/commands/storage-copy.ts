import type { StorageCopyBody, StorageCopyView } from '@voicemail/contracts';
import type { Command } from 'commander';
import type { CommandContext, Run } from '../command-context.ts';
import { printJson } from '../output/print.ts';
import { amount, bytes } from '../output/words.ts';
import { withServerOrAlone } from '../server/with-server.ts';
import { doneByServer, failureLines, mustNotHaveFailed } from './storage-work.ts';

const SOMETHING_FAILED = 1;

type Copied = StorageCopyView['items'][number];

export function addStorageCopy(storage: Command, run: Run): void {
  storage
    .command('copy')
    .description('bring what lies in one region to another one; both are in the tenants’ file')
    .requiredOption('--from <region>', 'the region to take it from')
    .requiredOption('--to <region>', 'the region to bring it to')
    .option('--tenant <id>', 'of one tenant alone; of every one that has both regions unless told')
    .action((body: StorageCopyBody) =>
      run('storage copy', async (context) => {
        const copy = await withServerOrAlone(
          context,
          (client) => doneByServer<StorageCopyView>(context, client, '/v1/operations/storage-copy', body),
          async () => {
            const { copyAlone } = await import('./storage-copy-alone.ts');
            return copyAlone(context, body);
          },
        );
        if (context.json) printJson(context, copy);
        else for (const item of copy.items) print(context, copy, item);
        mustNotHaveFailed(copy);
        return copy.items.some(({ failed }) => failed > 0) ? SOMETHING_FAILED : 0;
      }),
    );
}

function print({ terminal, config }: CommandContext, { from, to }: StorageCopyView, copied: Copied): void {
  const { tenant, moved, movedBytes, leftovers, deadLetters, compared, notErased, failed } = copied;
  const say = (text: string): void => terminal.print(`${tenant}: ${text}\n`);
  const verified = moved === 0 ? '' : ` (${bytes(movedBytes)}), and seen there by their sha256`;
  say(`${amount(moved, 'recording')} moved from ${from} to ${to}${verified}`);
  if (leftovers > 0) say(`${amount(leftovers, 'leftover')} of stopped attempts erased`);
  if (deadLetters > 0) say(`${amount(deadLetters, 'dead letter')} brought to ${to}`);
  if (compared > 0) say(`${amount(compared, 'document')} compared byte for byte`);
  if (notErased > 0) say(`${amount(notErased, 'old version')} of what was moved stay in ${from}: its store keeps them`);
  if (failed > 0) {
    say(`${failed} could not be brought:`);
    for (const line of failureLines(copied)) terminal.print(`${line}\n`);
  }
  if (copied.isHandedOver) {
    say(`${to} is the master region now. Set "master_region" to "${to}" in ${config.tenantsFile}, then start.`);
  }
  sayWhatIsLeft(say, from, to, copied);
}

function sayWhatIsLeft(say: (text: string) => void, from: string, to: string, copied: Copied): void {
  const { left, isComplete } = copied;
  if (left === null) return;
  if (isComplete) return say(`nothing is left in ${from}: it may leave the tenants’ file`);
  const lies = (count: number, what: string, why: string): void => {
    if (count > 0) say(`${amount(count, what)} in ${from}: ${why}`);
  };
  lies(
    left.recordings,
    'recording',
    'deposited meanwhile or not movable; have publishers name the other region, and run this again',
  );
  lies(
    left.unfinished,
    'recording',
    'without a message: of deposits under way, or leftovers that are swept after seven days',
  );
  lies(
    left.staged,
    'staged recording',
    'their deposits look for them there; what no deposit names is swept after seven days',
  );
  lies(left.deadLetters, 'dead letter', 'brought when this is run while no server runs, or replay them');
  if (left.isMaster) {
    say(
      `${from} is still the master region. Stop the server and run this again: then its documents are brought, and ${to} takes over`,
    );
  }
}
