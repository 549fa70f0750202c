import type { ObjectStore } from '@voicemail/object-store';
import { callerIndexPrefix, deadLettersPrefix, mailboxesPrefix, messagesPrefix } from './keys.ts';
import type { TenantStores } from './tenant-stores.ts';
import type { MessageRef } from './update-message.ts';

/** The walks over a tenant that long work takes. They reject when `signal` aborts. */

/** Every message of the tenant, deleted ones too. */
export async function* messagesOf({ tenant, master }: TenantStores, signal: AbortSignal): AsyncGenerator<MessageRef> {
  for await (const mailbox of master.store.folders(mailboxesPrefix(tenant))) {
    for await (const messageId of master.store.folders(messagesPrefix(tenant, mailbox))) {
      signal.throwIfAborted();
      yield { mailbox, messageId };
    }
  }
}

/** The keys of the caller index in one region: none where the store finds callers by its tags. */
export async function* entriesIn(
  { tenant }: TenantStores,
  store: ObjectStore,
  signal: AbortSignal,
): AsyncGenerator<string> {
  if (store.capabilities.tagSearch) return;
  for await (const { key } of store.list(callerIndexPrefix(tenant))) {
    signal.throwIfAborted();
    yield key;
  }
}

/** The ids of the dead letters that a region keeps, half ones too. */
export async function* lettersIn(
  { tenant }: TenantStores,
  store: ObjectStore,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const id of store.folders(deadLettersPrefix(tenant))) {
    signal.throwIfAborted();
    yield id;
  }
}
