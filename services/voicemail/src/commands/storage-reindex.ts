import type { StorageReindexView } from '@voicemail/contracts';
import type { Command } from 'commander';
import type { CommandContext, Run } from '../command-context.ts';
import { printJson } from '../output/print.ts';
import { amount } from '../output/words.ts';
import { withServer } from '../server/with-server.ts';
import { doneByServer, failureLines, mustNotHaveFailed } from './storage-work.ts';

const SOMETHING_FAILED = 1;

type Reindexed = StorageReindexView['items'][number];

export function addStorageReindex(storage: Command, run: Run): void {
  storage
    .command('reindex')
    .description('bring everything under the caller-hash key that is first in CALLER_HASH_KEY_FILE')
    .action(() =>
      run('storage reindex', (context) =>
        withServer(context, async (client) => {
          const path = '/v1/operations/storage-reindex';
          const reindex = await doneByServer<StorageReindexView>(context, client, path, undefined);
          if (context.json) printJson(context, reindex);
          else for (const item of reindex.items) print(context, item);
          mustNotHaveFailed(reindex);
          if (!context.json) printKeys(context, reindex.items);
          return reindex.items.every(({ isComplete }) => isComplete) ? 0 : SOMETHING_FAILED;
        }),
      ),
    );
}

function print({ terminal }: CommandContext, reindexed: Reindexed): void {
  const { tenant, entries, tags, deadLetters, waiting, failed, isComplete, oldKeys } = reindexed;
  const say = (text: string): void => terminal.print(`${tenant}: ${text}\n`);
  const done = [
    amount(entries, 'index entry', 'index entries'),
    amount(tags, 'tag'),
    amount(deadLetters, 'dead letter'),
  ];
  say(`brought under the current key: ${done.join(', ')}`);
  if (failed > 0) {
    say(`${failed} could not be brought:`);
    for (const line of failureLines(reindexed)) terminal.print(`${line}\n`);
  }
  if (waiting > 0) {
    say(
      `${amount(waiting, 'index entry', 'index entries')} of deposits that are not complete: they will be, or are swept after seven days`,
    );
  }
  say(
    isComplete
      ? 'every message is found under the current key alone'
      : 'not done: the old keys must stay in the file. Run this again',
  );
  for (const { key, holds, requests, erasures } of oldKeys) {
    if (holds + requests + erasures === 0) continue;
    const by = [amount(holds, 'legal hold'), amount(requests, 'request'), amount(erasures, 'erasure')];
    say(`known by key ${key} of the file and no newer one: ${by.join(', ')}`);
  }
}

/** Which keys may leave the file, for all tenants. */
function printKeys({ terminal }: CommandContext, items: readonly Reindexed[]): void {
  const all = items.flatMap(({ oldKeys }) => oldKeys);
  for (const key of new Set(all.map((old) => old.key))) {
    const mayLeave = items.every(({ oldKeys }) => oldKeys.some((old) => old.key === key && old.mayLeave));
    terminal.print(`key ${key} ${mayLeave ? 'may leave the file' : 'must stay in the file, behind the first one'}\n`);
  }
}
