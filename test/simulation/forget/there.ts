/** What is there, read as the services read it. */
import type { Metadata } from '@voicemail/domain';
import {
  listDeadLetters,
  listMailboxes,
  listMessages,
  openMedia,
  readMessage,
  readRejected,
  type DeadLetterDocument,
  type TenantStores,
} from '@voicemail/message-store';
import type { Running } from '../../support/in-process.ts';
import type { Item } from './model.ts';

export function storesOf({ tenants }: Running, tenant: string): TenantStores {
  const stores = tenants.byId(tenant)?.stores;
  if (stores === undefined) throw new Error(`the tenant ${tenant} is not served`);
  return stores;
}

export const nameOf = ({ tenant, mailbox, messageId }: Pick<Metadata, 'tenant' | 'mailbox' | 'messageId'>): string =>
  `${tenant}/${mailbox}/${messageId}`;

export async function isThere(running: Running, item: Item): Promise<boolean> {
  const stores = storesOf(running, item.tenant);
  if (item.kind === 'message') return (await readMessage(stores, item.mailbox, item.messageId)) !== null;
  return (await lettersOf(running, item.tenant)).some((record) => says(record, item.sound));
}

/** Every message of a tenant. */
export async function messagesOf(running: Running, tenant: string): Promise<readonly Metadata[]> {
  const stores = storesOf(running, tenant);
  const found: Metadata[] = [];
  for await (const mailbox of listMailboxes(stores))
    found.push(...(await Array.fromAsync(listMessages(stores, mailbox))));
  return found;
}

/** A message's recording as text. */
export async function soundOf(running: Running, message: Metadata): Promise<string> {
  const { body } = await openMedia(storesOf(running, message.tenant), message);
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

/** The bytes of every dead letter of a tenant. */
export async function lettersOf(running: Running, tenant: string): Promise<readonly Buffer[]> {
  const home = { tenant: storesOf(running, tenant), deployment: running.deployment };
  const letters: DeadLetterDocument[] = await Array.fromAsync(listDeadLetters(home));
  return Promise.all(letters.map(async (letter) => Buffer.from((await readRejected(home, letter)) ?? [])));
}

/** Whether a rejected deposit is the one of a recording. */
export function says(record: Buffer, sound: string): boolean {
  const { data } = JSON.parse(record.toString()) as {
    readonly data: { readonly media?: { readonly base64?: string } };
  };
  // An action whose message never came has no media.
  return Buffer.from(data.media?.base64 ?? '', 'base64')
    .toString()
    .includes(sound);
}
