import type { MailboxView } from '@voicemail/contracts';
import type { MailboxDocument, MailboxSettings } from '@voicemail/domain';
import { listMessages, readMailbox, type TenantStores } from '@voicemail/message-store';
import type { MwiStore } from '@voicemail/mwi-store';
import { z } from 'zod';
import { MAX_READS_AT_ONCE } from './limits.ts';
import type { Order } from './page.ts';

/**
 * A mailbox as a caller sees it; null for one that was never seen, and for a removed one that holds no message.
 * @param known its document, where that was read already.
 */
export async function mailboxView(
  mwi: MwiStore,
  stores: TenantStores,
  mailbox: string,
  known?: MailboxDocument,
): Promise<MailboxView | null> {
  const document = known ?? (await readMailbox(stores, mailbox));
  const lamp = await mwi.read({ tenant: stores.tenant, mailbox });
  const settings = document?.settings ?? null;
  const counts = lamp === null ? null : { ...lamp.counts, stale: lamp.stale };
  const isSeen = settings !== null || (document === null && lamp !== null) || (await holdsMessages(stores, mailbox));
  if (!isSeen) return null;
  return { tenant: stores.tenant, mailbox, counts, settings: settings === null ? null : settingsView(settings) };
}

/** The views of those mailboxes that were seen, in their order, read a few at a time and no further than is asked for. */
export async function* mailboxViews(
  mwi: MwiStore,
  stores: TenantStores,
  mailboxes: readonly string[],
): AsyncGenerator<MailboxView> {
  for (let first = 0; first < mailboxes.length; first += MAX_READS_AT_ONCE) {
    const batch = mailboxes.slice(first, first + MAX_READS_AT_ONCE);
    const views = await Promise.all(batch.map((mailbox) => mailboxView(mwi, stores, mailbox)));
    for (const view of views) if (view !== null) yield view;
  }
}

/** Mailbox numbers have no leading zeros: the longer one is the greater. */
export function byNumber(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export const inOrderOfNumbers: Order<MailboxView, string> = {
  list: 'mailboxes',
  placeOf: ({ mailbox }) => mailbox,
  compare: byNumber,
  place: z.string(),
};

function settingsView({ members, ...settings }: MailboxSettings): NonNullable<MailboxView['settings']> {
  return { ...settings, ...(members === undefined ? {} : { members: [...members] }) };
}

/** Whether the stores know a mailbox: it is provisioned, or holds a message. */
export async function isInStores(stores: TenantStores, mailbox: string): Promise<boolean> {
  const document = await readMailbox(stores, mailbox);
  return (document?.settings ?? null) !== null || (await holdsMessages(stores, mailbox));
}

async function holdsMessages(stores: TenantStores, mailbox: string): Promise<boolean> {
  for await (const message of listMessages(stores, mailbox)) return message !== undefined;
  return false;
}
