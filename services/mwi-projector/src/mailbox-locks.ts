import { mailboxKey } from '@voicemail/domain';
import type { MailboxRef } from '@voicemail/mwi-store';

/**
 * One piece of work on a mailbox at a time in this process. A lower revision cannot follow a higher one on the topic, and the parts of
 * the projector do not end each other's recounts.
 */
export interface MailboxLocks {
  /** Runs `work` after what was asked for earlier on this mailbox. */
  hold<T>(ref: MailboxRef, work: () => Promise<T>): Promise<T>;
  /** Runs `work` if nobody works on the mailbox; null if somebody does. */
  tryHold<T>(ref: MailboxRef, work: () => Promise<T>): Promise<T> | null;
}

export function mailboxLocks(): MailboxLocks {
  /** The end of the last work of each mailbox that is worked on. */
  const tails = new Map<string, Promise<void>>();

  const hold = async <T>(ref: MailboxRef, work: () => Promise<T>): Promise<T> => {
    const key = mailboxKey(ref.tenant, ref.mailbox);
    const before = tails.get(key);
    const { promise: tail, resolve: letGo } = Promise.withResolvers<void>();
    tails.set(key, tail);
    try {
      await before;
      return await work();
    } finally {
      letGo();
      if (tails.get(key) === tail) tails.delete(key);
    }
  };
  return {
    hold,
    tryHold: (ref, work) => (tails.has(mailboxKey(ref.tenant, ref.mailbox)) ? null : hold(ref, work)),
  };
}
