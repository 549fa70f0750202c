import type { MailboxView } from '@voicemail/contracts';
import type { Command } from 'commander';
import type { Run } from '../command-context.ts';
import { printPage, type Page } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { withServer } from '../server/with-server.ts';
import { listQuery, withListOptions, type ListOptions } from './list-options.ts';

type Counts = NonNullable<MailboxView['counts']>;

export function addMailboxes(program: Command, run: Run): void {
  withListOptions(program.command('mailboxes'))
    .description('the mailboxes with their counts')
    .action(({ limit, cursor }: ListOptions) =>
      run('mailboxes', (context) =>
        withServer(context, async (client) => {
          const page = await client.call<Page<MailboxView>>('GET', `/v1/mailboxes${listQuery({ limit, cursor })}`);
          printPage(context, page, COLUMNS, 'There is no mailbox yet: the first deposit makes one.');
        }),
      ),
    );
}

/** Counts that are not known are no zeros. */
const counted =
  (of: (counts: Counts) => number) =>
  ({ counts }: MailboxView): string =>
    counts === null ? '?' : `${of(counts)}${counts.stale ? '?' : ''}`;

const COLUMNS: readonly Column<MailboxView>[] = [
  { title: 'MAILBOX', value: ({ mailbox }) => mailbox },
  { title: 'NEW', value: counted((counts) => counts.new), align: 'right' },
  { title: 'OLD', value: counted((counts) => counts.old), align: 'right' },
  { title: 'URGENT', value: counted((counts) => counts.urgentNew + counts.urgentOld), align: 'right' },
  { title: 'KIND', value: ({ settings }) => settings?.kind ?? 'personal' },
  { title: 'USERS', value: ({ settings }) => usersOf(settings) },
  { title: 'STATUS', value: ({ settings }) => settings?.status ?? 'not provisioned' },
  { title: 'NAME', value: ({ settings }) => settings?.displayName ?? '' },
];

function usersOf(settings: MailboxView['settings']): string {
  if (settings === null) return '';
  return settings.kind === 'group' ? `${settings.members?.length ?? 0} members` : (settings.owner ?? '');
}
