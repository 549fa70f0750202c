import type { MailboxFacts, MailboxRef } from '../port.ts';
import type { Connection } from './connection.ts';
import { indexKey } from './keys.ts';
import type { Sweep, sweeps } from './sweeps.ts';

/** A mailbox that a user saw at some time, by a revision of its settings. */
export interface UserEntry {
  readonly member: string;
  readonly mailbox: string;
  readonly settingsRevision: number;
}

/** Members that are read in one call. */
const PAGE = 500;

/**
 * A tenant's mailboxes and those of its users: members of one sorted set, all of one score, and so in order of their texts:
 * `m<digits of the number><number>`, `u"<user>" <number> <revision of the settings>`. Written before what it points to, so it may hold
 * too much, and whoever reads it looks at the mailboxes themselves.
 */
export function tenantIndex(
  { client, commands }: Connection,
  complete: ReturnType<typeof sweeps>,
  fill: (tenant: string) => Promise<void>,
) {
  const sweepOf = (tenant: string): Sweep => ({ key: indexKey(tenant), scope: '', fill: () => fill(tenant) });
  const range = (tenant: string, from: string, to: string): Promise<readonly string[]> =>
    complete(sweepOf(tenant), () => commands.readIndex([indexKey(tenant)], from, to, PAGE));

  return {
    /** Adds a mailbox, and the users of its settings. */
    note: async ({ tenant, mailbox }: MailboxRef, settings?: MailboxFacts): Promise<void> => {
      const users = new Set(settings?.users);
      const members = [...users].map((user) => `${userPrefix(user)}${mailbox} ${settings?.revision}`);
      await client.zadd(indexKey(tenant), ...[mailboxMember(mailbox), ...members].flatMap((member) => [0, member]));
    },
    /** The numbers behind `after`, in their order, some at a time. */
    async *mailboxes(tenant: string, after: string | null): AsyncGenerator<readonly string[]> {
      let from = after === null ? '[m' : `(${mailboxMember(after)}`;
      for (;;) {
        const members = await range(tenant, from, '(n');
        yield members.map((member) => member.slice(1 + LENGTH_DIGITS));
        if (members.length < PAGE) return;
        from = `(${members.at(-1)}`;
      }
    },
    ofUser: async (tenant: string, user: string): Promise<readonly UserEntry[]> => {
      const prefix = userPrefix(user);
      const entries: UserEntry[] = [];
      // What comes right behind the blank that ends the prefix ends the range.
      const to = `(${prefix.slice(0, -1)}!`;
      for (let from = `[${prefix}`; ;) {
        const members = await range(tenant, from, to);
        for (const member of members) {
          const [mailbox = '', revision] = member.slice(prefix.length).split(' ');
          entries.push({ member, mailbox, settingsRevision: Number(revision) });
        }
        if (members.length < PAGE) return entries;
        from = `(${members.at(-1)}`;
      }
    },
    /** Takes away what was found to point to nothing, member by member: what somebody adds meanwhile is another member. */
    drop: async (tenant: string, members: readonly string[]): Promise<void> => {
      if (members.length > 0) await client.zrem(indexKey(tenant), ...members);
    },
  };
}

const LENGTH_DIGITS = 2;
const mailboxMember = (mailbox: string): string => `m${String(mailbox.length).padStart(LENGTH_DIGITS, '0')}${mailbox}`;
/** As JSON: no name is the beginning of another, and none has a character that ends it. */
const userPrefix = (user: string): string => `u${JSON.stringify(user)} `;
