import type { CountEntry } from '@voicemail/domain';
import type { MailboxRef, MwiSnapshot, MwiStore } from '@voicemail/mwi-store';
import type { RecountSource } from './recount-source.ts';

/** What a mailbox holds after its recount, and how many messages were counted otherwise before. */
export interface Recounted {
  readonly snapshot: MwiSnapshot;
  readonly drift: number;
}

/**
 * Counts a mailbox anew from the stores: a token first, then the reads, then the merge, which only happens while the token stands. So a
 * recount that was overtaken, or slept while the counts were lost, does not make old reads the truth.
 * @returns null where the recount was overtaken.
 */
export async function recount(
  mwi: MwiStore,
  source: RecountSource,
  { tenant, mailbox }: MailboxRef,
  signal: AbortSignal,
): Promise<Recounted | null> {
  const ref = { tenant, mailbox };
  const token = await mwi.beginRecount(ref);
  const entries: CountEntry[] = [];
  const listed = new Set<string>();
  for await (const entry of source.listMessages(tenant, mailbox)) {
    signal.throwIfAborted();
    entries.push(entry);
    listed.add(entry.messageId);
  }
  for (const { messageId } of await mwi.entries(ref)) {
    if (listed.has(messageId)) continue;
    signal.throwIfAborted();
    // A listing may miss what was there all the time; only the key says that a message is gone, and at which revision.
    entries.push(await source.readEntry(tenant, mailbox, messageId));
  }
  const settings = await source.mailboxFacts(tenant, mailbox);
  return mwi.mergeRecount(ref, token, settings === null ? { entries } : { entries, settings });
}
