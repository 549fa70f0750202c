import { mailboxKey } from '@voicemail/domain';
import type { MailboxRef } from '../port.ts';
import type { Connection } from './connection.ts';
import { gathered } from './gathered.ts';
import { refOf, UNSETTLED_KEY } from './keys.ts';
import { historiesOf } from './servers.ts';
import type { sweeps } from './sweeps.ts';

/** Members that are looked at together. */
const PAGE = 200;
/** Settled ones that one look may find before it leaves the rest to the next. */
const MAX_LOOKED_AT = 20_000;

/**
 * The mailboxes that wait for a recount or a publication, in the order in which they were put there. A mailbox is put there before what
 * makes it wait, so that a crash between the two leaves too much, and what is settled is taken away by whoever looks; and once more
 * after it, since somebody may have looked in between. It is complete for the servers' histories only: after a failover every mailbox
 * of that server waits. An eviction says nothing: whoever reads such a mailbox puts it there.
 */
export function unsettledIndex(
  connection: Connection,
  complete: ReturnType<typeof sweeps>,
  isSettled: (refs: readonly MailboxRef[]) => Promise<readonly boolean[]>,
  fill: () => Promise<void>,
) {
  const { commands, masters } = connection;
  const nameOf = ({ tenant, mailbox }: MailboxRef): string => mailboxKey(tenant, mailbox);

  const note = async (refs: readonly MailboxRef[], which: 'all' | 'new'): Promise<void> => {
    if (refs.length > 0) await commands.noteUnsettled([UNSETTLED_KEY], which, ...refs.map(nameOf));
  };
  /** Of some members those that wait; the others are taken away. */
  const sift = async (members: readonly (readonly [string, string])[]): Promise<MailboxRef[]> => {
    const refs = members.map(([name]) => refOf(name)!);
    const settled = await isSettled(refs);
    const dropped = members.filter((_member, at) => settled[at]).flat();
    if (dropped.length > 0) await commands.dropSettled([UNSETTLED_KEY], ...dropped);
    return refs.filter((_ref, at) => !settled[at]);
  };

  return {
    /** Puts a mailbox at the end. */
    note: gathered<MailboxRef>((refs) => note(refs, 'all')),
    /** Puts those that do not stand there at the end: what was found to wait, and not made to. */
    noteFound: (refs: readonly MailboxRef[]): Promise<void> => note(refs, 'new'),
    find: async (limit: number): Promise<readonly MailboxRef[]> => {
      const histories = await historiesOf(masters());
      const sweep = { key: UNSETTLED_KEY, scope: histories, fill };
      const found: MailboxRef[] = [];
      for (let first = 0, lookedAt = 0; found.length < limit && lookedAt < MAX_LOOKED_AT;) {
        const last = first + PAGE - 1;
        const page = await complete(sweep, () => commands.readUnsettled([UNSETTLED_KEY], histories, first, last));
        const members = pairs(page).filter(([name]) => !name.startsWith('#'));
        const waiting = await sift(members);
        found.push(...waiting);
        if (page.length < 2 * PAGE) break;
        lookedAt += members.length;
        // Those behind the dropped ones have moved up.
        first += PAGE - (members.length - waiting.length);
      }
      return found.slice(0, limit);
    },
  };
}

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at]!, flat[2 * at + 1]!]);
}
