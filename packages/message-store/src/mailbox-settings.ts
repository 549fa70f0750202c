import {
  applyMailboxEvent,
  type MailboxDocument,
  type MailboxEventOrder,
  type MailboxSettings,
} from '@voicemail/domain';
import { mailboxDocument } from './documents.ts';
import { createJson, readJson, untilWon, won, writeJson } from './json-document.ts';
import { settingsKey } from './keys.ts';
import type { TenantStores } from './tenant-stores.ts';

/** A mailbox's document; null for one that nobody provisioned. Its `settings` are null after it was removed. */
export async function readMailbox(stores: TenantStores, mailbox: string): Promise<MailboxDocument | null> {
  const stored = await readJson(stores.master.store, settingsKey(stores.tenant, mailbox), mailboxDocument);
  return stored?.value ?? null;
}

/** Applies a mailbox event; the later event by (`time`, `id`) wins. Returns what stands there now. */
export async function changeMailbox(
  stores: TenantStores,
  mailbox: string,
  settings: MailboxSettings | null,
  order: MailboxEventOrder,
): Promise<MailboxDocument> {
  const { store } = stores.master;
  const key = settingsKey(stores.tenant, mailbox);
  return untilWon(key, async () => {
    const stored = await readJson(store, key, mailboxDocument);
    const event = { tenant: stores.tenant, mailbox, settings, order };
    const document = applyMailboxEvent(stored?.value ?? null, event);
    if (document === null) return stored?.value;
    const wrote =
      stored === null
        ? await createJson(store, key, document)
        : await won(writeJson(store, key, document, { etag: stored.etag }));
    return wrote ? document : undefined;
  });
}
