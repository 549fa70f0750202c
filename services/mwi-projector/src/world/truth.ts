import type { CountEntry } from '@voicemail/domain';
import type { MailboxFacts } from '@voicemail/mwi-store';
import type { RecountSource } from '../recount-source.ts';

/** Stores in memory, with the ways in which real ones surprise. */
export interface Truth extends RecountSource {
  put(mailbox: string, entry: CountEntry): void;
  putSettings(mailbox: string, facts: MailboxFacts): void;
  /** Takes a message away without a stub, as a store's own lifecycle rule does. */
  vanish(mailbox: string, messageId: string): void;
  /** The mailbox is not even a folder any more. */
  vanishMailbox(mailbox: string): void;
  /** The next listing of this mailbox stops, with what it saw so far, until it is let go. */
  holdListing(mailbox: string): { readonly reached: Promise<void>; letGo(): void };
  /** The messages of these mailboxes cannot be read. */
  readonly broken: Set<string>;
  /** What a recount ought to find. */
  live(mailbox: string): readonly CountEntry[];
  /** What was asked, in order. */
  readonly asked: string[];
}

export function memoryTruth(tenantId: string): Truth {
  const mailboxes = new Map<string, Map<string, CountEntry>>();
  const settings = new Map<string, MailboxFacts>();
  const holds = new Map<string, { readonly gate: Promise<void>; readonly reached: () => void }>();
  const broken = new Set<string>();
  const asked: string[] = [];
  const messagesOf = (mailbox: string): Map<string, CountEntry> => {
    const messages = mailboxes.get(mailbox) ?? new Map<string, CountEntry>();
    mailboxes.set(mailbox, messages);
    return messages;
  };
  const live = (mailbox: string): CountEntry[] =>
    [...(mailboxes.get(mailbox)?.values() ?? [])].filter((entry) => entry.state !== 'gone');
  const refuseBroken = (mailbox: string): void => {
    if (broken.has(mailbox)) throw new Error(`the region of mailbox ${mailbox} is down`);
  };

  return {
    asked,
    broken,
    live,
    put: (mailbox, entry) => void messagesOf(mailbox).set(entry.messageId, entry),
    putSettings: (mailbox, facts) => {
      messagesOf(mailbox);
      settings.set(mailbox, facts);
    },
    vanish: (mailbox, messageId) => void messagesOf(mailbox).delete(messageId),
    vanishMailbox: (mailbox) => {
      mailboxes.delete(mailbox);
      settings.delete(mailbox);
    },
    holdListing: (mailbox) => {
      const reached = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      holds.set(mailbox, { gate: gate.promise, reached: reached.resolve });
      return {
        reached: reached.promise,
        letGo: gate.resolve,
      };
    },
    async *listMailboxes(tenant) {
      asked.push(`list mailboxes of ${tenant}`);
      if (tenant === tenantId) yield* Array.from(mailboxes.keys());
    },
    async *listMessages(tenant, mailbox) {
      asked.push(`list ${mailbox}`);
      refuseBroken(mailbox);
      const found = tenant === tenantId ? live(mailbox) : [];
      const hold = holds.get(mailbox);
      holds.delete(mailbox);
      hold?.reached();
      await hold?.gate;
      yield* found;
    },
    readEntry: async (_, mailbox, messageId) => {
      asked.push(`read ${mailbox}/${messageId}`);
      refuseBroken(mailbox);
      const found = mailboxes.get(mailbox)?.get(messageId);
      return found ?? { messageId, revision: 0, state: 'gone', urgent: false };
    },
    mailboxFacts: async (tenant, mailbox) => (tenant === tenantId ? (settings.get(mailbox) ?? null) : null),
  };
}
