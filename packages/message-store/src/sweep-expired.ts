import { isExpired, isStub, isSwept, type Metadata } from '@voicemail/domain';
import { deleteMessage, eraseMessage, removeRecordings, type DeleteOutcome } from './delete-message.ts';
import type { NotErased } from './erase.ts';
import { messagesPrefix } from './keys.ts';
import { readMailbox } from './mailbox-settings.ts';
import { listMailboxes, readRecord } from './read-message.ts';
import { DAY_MS, passOver, type SweepOptions } from './sweep.ts';
import type { TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

/**
 * Deletes what its mailbox's `retentionDays` say is over. Yields each deletion, to be announced before the media goes; those of the
 * last day again, for a process may have died before it announced them.
 * @param isHeld asked of each message that is over: what is under a legal hold stays.
 */
export async function* sweepExpired(
  stores: TenantStores,
  options: SweepOptions,
  isHeld: (message: Metadata) => Promise<boolean>,
): AsyncGenerator<DeleteOutcome> {
  for await (const mailbox of listMailboxes(stores)) {
    const settings = await passOver(options, { mailbox }, () => readMailbox(stores, mailbox));
    const retentionDays = settings?.settings?.retentionDays;
    if (retentionDays === undefined) continue;
    const isOver = async (message: Metadata): Promise<boolean> =>
      isExpired(message, retentionDays, options.nowMs) && !(await isHeld(message));
    for await (const messageId of stores.master.store.folders(messagesPrefix(stores.tenant, mailbox))) {
      const ref = { mailbox, messageId };
      const deleted = await passOver(options, ref, () => deleteExpired(stores, ref, isOver, options.nowMs));
      if (deleted === null) continue;
      yield deleted;
      for (const left of (await passOver(options, ref, () => eraseExpired(stores, deleted))) ?? []) {
        options.onNotErased(left);
      }
    }
  }
}

async function deleteExpired(
  stores: TenantStores,
  { mailbox, messageId }: MessageRef,
  isOver: (message: Metadata) => Promise<boolean>,
  nowMs: number,
): Promise<DeleteOutcome | null> {
  const record = (await readRecord(stores, mailbox, messageId))?.value;
  if (record === undefined || isSwept(record)) return null;
  if (isStub(record)) {
    const isRecent = record.reason === 'retention' && nowMs - Date.parse(record.goneAt) < DAY_MS;
    return isRecent ? { changed: false, record, media: null, mayBeMarked: true } : null;
  }
  if (!(await isOver(record))) return null;
  return deleteMessage(stores, mailbox, messageId, 'retention', new Date(nowMs).toISOString());
}

/** Of what was deleted before, what can be seen goes; what a store still keeps is erased by the sweep of stubs, which comes less often. */
async function eraseExpired(stores: TenantStores, deleted: DeleteOutcome): Promise<readonly NotErased[]> {
  if (deleted.changed) return (await eraseMessage(stores, deleted)).notErased;
  return (await removeRecordings(stores, stores.regions, deleted.record)).notErased;
}
