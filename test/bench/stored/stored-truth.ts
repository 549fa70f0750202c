import type { CountEntry } from '@voicemail/domain';
import type { RecountSource } from '@voicemail/mwi-projector';

/** Messages in memory, in place of stores: what the projector looks at when it counts a mailbox for the first time. */
export interface StoredTruth extends RecountSource {
  put(mailbox: string, entry: CountEntry): void;
}

export function storedTruth(): StoredTruth {
  const mailboxes = new Map<string, Map<string, CountEntry>>();
  return {
    put: (mailbox, entry) => {
      const messages = mailboxes.get(mailbox) ?? new Map<string, CountEntry>();
      mailboxes.set(mailbox, messages.set(entry.messageId, entry));
    },
    async *listMailboxes() {
      yield* mailboxes.keys();
    },
    async *listMessages(_tenant, mailbox) {
      yield* mailboxes.get(mailbox)?.values() ?? [];
    },
    readEntry: async (_tenant, mailbox, messageId) =>
      mailboxes.get(mailbox)?.get(messageId) ?? { messageId, revision: 0, state: 'gone', urgent: false },
    mailboxFacts: async () => null,
  };
}
