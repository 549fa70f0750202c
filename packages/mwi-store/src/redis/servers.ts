import type { Redis } from 'ioredis';
import { MwiError } from '../mwi-error.ts';
import type { MailboxRef } from '../port.ts';
import { mailboxOfKey } from './keys.ts';

const SCAN_KEYS = 1_000;

/** Names the writes that all servers have seen: another name says that some may be lost (see `commands/history.lua`). */
export async function historiesOf(masters: readonly Redis[]): Promise<string> {
  const told = await Promise.all(masters.map((server) => server.info('replication')));
  return told
    .map((info) => /master_replid:(\w+)/.exec(info)?.[1] ?? '')
    .toSorted(byText)
    .join('+');
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** The mailboxes of which there is a key like the pattern, some at a time; one may come more than once. */
export async function* mailboxesOn(
  masters: readonly Redis[],
  pattern: string,
  signal: AbortSignal,
): AsyncGenerator<readonly MailboxRef[]> {
  for (const server of masters) {
    let cursor = '0';
    do {
      if (signal.aborted) throw new MwiError('closed', 'the counts were closed');
      const [next, keys] = await server.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_KEYS);
      const found = new Map<string, MailboxRef>();
      for (const key of keys) {
        const ref = mailboxOfKey(key);
        if (ref !== null) found.set(`${ref.tenant}/${ref.mailbox}`, ref);
      }
      yield [...found.values()];
      cursor = next;
    } while (cursor !== '0');
  }
}
