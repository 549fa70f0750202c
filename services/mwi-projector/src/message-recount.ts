import { isStub, mailboxUsers, UNPROVISIONED, type CountEntry, type MessageRecord } from '@voicemail/domain';
import {
  listMailboxes,
  listMessages,
  readMailbox,
  readRecord,
  type TenantDirectory,
  type TenantStores,
} from '@voicemail/message-store';
import type { RecountSource } from './recount-source.ts';

/** Recounts from the tenants' stores. @throws Error for a tenant that is not served: its mailboxes are not to be recounted. */
export function messageRecount(tenants: TenantDirectory): RecountSource {
  const stores = (tenant: string): TenantStores => {
    const served = tenants.byId(tenant);
    if (served === undefined) throw new Error(`there is no tenant ${tenant} to recount`);
    return served.stores;
  };
  return {
    listMailboxes: (tenant) => listMailboxes(stores(tenant)),
    async *listMessages(tenant, mailbox) {
      for await (const message of listMessages(stores(tenant), mailbox)) yield entryOf(message);
    },
    async readEntry(tenant, mailbox, messageId) {
      const stored = await readRecord(stores(tenant), mailbox, messageId);
      return stored === null ? { messageId, revision: 0, state: 'gone', urgent: false } : entryOf(stored.value);
    },
    async mailboxFacts(tenant, mailbox) {
      const document = await readMailbox(stores(tenant), mailbox);
      if (document === null) return null;
      const settings = document.settings ?? UNPROVISIONED;
      return {
        revision: document.revision,
        kind: settings.kind,
        users: mailboxUsers(settings),
        status: settings.status,
        maxMessages: settings.maxMessages ?? null,
        displayName: settings.displayName ?? null,
      };
    },
  };
}

function entryOf(record: MessageRecord): CountEntry {
  const { messageId, revision } = record;
  if (isStub(record)) return { messageId, revision, state: 'gone', urgent: false };
  return { messageId, revision, state: record.state, urgent: record.priority === 'urgent' };
}
