import type { MessageView } from '@voicemail/contracts';
import { Option, type Command } from 'commander';
import type { Run } from '../command-context.ts';
import { printPage, type Page } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { length, time } from '../output/words.ts';
import { withServer } from '../server/with-server.ts';
import { listQuery, withListOptions, type ListOptions } from './list-options.ts';

export function addMessages(program: Command, run: Run): void {
  withListOptions(program.command('messages'))
    .description('the messages of a mailbox, newest first')
    .argument('<mailbox>', 'its number')
    .addOption(new Option('--state <state>', 'those alone').choices(['new', 'old']))
    .action((mailbox: string, { state, limit, cursor }: ListOptions & { readonly state?: string }) =>
      run('messages', (context) =>
        withServer(context, async (client) => {
          const query = listQuery({ state, limit, cursor });
          const path = `/v1/mailboxes/${encodeURIComponent(mailbox)}/messages${query}`;
          const page = await client.call<Page<MessageView>>('GET', path);
          printPage(context, page, COLUMNS, `Mailbox ${mailbox} holds no message${state === undefined ? '' : ' so'}.`);
        }),
      ),
    );
}

const COLUMNS: readonly Column<MessageView>[] = [
  { title: 'MESSAGE', value: ({ messageId }) => messageId },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'PRIORITY', value: (message) => (message.private ? `${message.priority}, private` : message.priority) },
  { title: 'CALLER', value: ({ callerId }) => callerId ?? 'anonymous' },
  { title: 'LENGTH', value: ({ durationMs }) => length(durationMs), align: 'right' },
  { title: 'DEPOSITED', value: ({ depositedAt }) => time(depositedAt) },
  { title: 'REGION', value: ({ region }) => region },
];
