import type { MailboxView, MwiView } from '@voicemail/contracts';
import type { Page } from '../output/print.ts';
import type { Client } from '../server/client.ts';

/** Calls under way at once. */
const MAX_CALLS = 8;

export function lampOf(client: Client, mailbox: string): Promise<MwiView> {
  return client.call<MwiView>('GET', lampPath(mailbox));
}

/** null for a mailbox that was never seen. */
export function findLamp(client: Client, mailbox: string): Promise<MwiView | null> {
  return client.find<MwiView>(lampPath(mailbox));
}

/** The lamps of a page of mailboxes. */
export async function lampPage(client: Client, query: string): Promise<Page<MwiView>> {
  const { items, next } = await client.call<Page<MailboxView>>('GET', `/v1/mailboxes${query}`);
  const lamps = await inTurns(items, ({ mailbox }) => findLamp(client, mailbox));
  return { items: lamps.filter((lamp) => lamp !== null), ...(next === undefined ? {} : { next }) };
}

/** Every mailbox of the tenant, over all pages. */
export async function* everyMailbox(client: Client): AsyncGenerator<MailboxView> {
  let query = '?limit=1000';
  for (;;) {
    const { items, next } = await client.call<Page<MailboxView>>('GET', `/v1/mailboxes${query}`);
    yield* items;
    if (next === undefined) return;
    query = `?limit=1000&cursor=${encodeURIComponent(next)}`;
  }
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += MAX_CALLS) {
    results.push(...(await Promise.all(items.slice(at, at + MAX_CALLS).map(work))));
  }
  return results;
}

const lampPath = (mailbox: string): string => `/v1/mwi/${encodeURIComponent(mailbox)}`;
