import type { MailboxRef, MwiStore } from '@voicemail/mwi-store';
import type { MailboxLocks } from './mailbox-locks.ts';

/**
 * Has a mailbox recounted that the counts have never heard of, or have lost: a recount that is begun and not ended makes it one that
 * waits for a recount. One that waits already, or is worked on now, is left alone, for a new token would end the recount under way.
 */
export async function requestRecount(mwi: MwiStore, locks: MailboxLocks, ref: MailboxRef): Promise<void> {
  await locks.tryHold(ref, async () => {
    if ((await mwi.read(ref)) === null) await mwi.beginRecount(ref);
  });
}
