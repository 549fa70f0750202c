import type { CountEntry } from '@voicemail/domain';
import type { MailboxRef, MwiStore } from '@voicemail/mwi-store';
import type { RecountSource } from './recount-source.ts';

/** What a comparison found: nobody knows the counts, or what differs. */
export type Comparison =
  | { readonly isUnknown: true }
  | { readonly isUnknown: false; readonly messageIds: readonly string[]; readonly hasNewerSettings: boolean };

/**
 * Compares a mailbox's counts with a listing of the stores.
 * @param pace awaited after each message: a long listing goes at its caller's speed.
 */
export async function compare(
  mwi: MwiStore,
  source: RecountSource,
  ref: MailboxRef,
  pace: () => Promise<void>,
): Promise<Comparison> {
  const snapshot = await mwi.read(ref);
  if (snapshot === null || snapshot.stale) return { isUnknown: true };
  const messageIds: string[] = [];
  // Read before the listing: what is counted by then was stored before, so a listing that lacks it says something.
  const unlisted = await countedEntries(mwi, ref);
  for await (const listed of source.listMessages(ref.tenant, ref.mailbox)) {
    if (isCountedOtherwise(unlisted.get(listed.messageId), listed)) messageIds.push(listed.messageId);
    unlisted.delete(listed.messageId);
    await pace();
  }
  messageIds.push(...unlisted.keys());
  const settings = await source.mailboxFacts(ref.tenant, ref.mailbox);
  const hasNewerSettings = settings !== null && settings.revision > snapshot.settings.revision;
  return { isUnknown: false, messageIds, hasNewerSettings };
}

/** Whether one of these messages, each read by its key, or the settings, is still counted otherwise. */
export async function isConfirmed(
  mwi: MwiStore,
  source: RecountSource,
  { tenant, mailbox }: MailboxRef,
  suspected: Comparison & { readonly isUnknown: false },
  pace: () => Promise<void>,
): Promise<boolean> {
  const ref = { tenant, mailbox };
  const snapshot = await mwi.read(ref);
  if (snapshot === null || snapshot.stale) return false;
  if (suspected.hasNewerSettings) {
    const settings = await source.mailboxFacts(tenant, mailbox);
    if (settings !== null && settings.revision > snapshot.settings.revision) return true;
  }
  const counted = await countedEntries(mwi, ref);
  for (const messageId of suspected.messageIds) {
    const stored = await source.readEntry(tenant, mailbox, messageId);
    if (isCountedOtherwise(counted.get(messageId), stored)) return true;
    await pace();
  }
  return false;
}

async function countedEntries(mwi: MwiStore, ref: MailboxRef): Promise<Map<string, CountEntry>> {
  return new Map((await mwi.entries(ref)).map((entry) => [entry.messageId, entry]));
}

/** A lower revision in the stores is a read that is older than a fact, which is no drift; nothing at all under a key has none. */
function isCountedOtherwise(counted: CountEntry | undefined, stored: CountEntry): boolean {
  if (counted === undefined) return stored.state !== 'gone';
  if (stored.state === 'gone' && stored.revision === 0) return true;
  const isNewer = stored.revision > counted.revision;
  return isNewer && (stored.state !== counted.state || stored.urgent !== counted.urgent);
}
