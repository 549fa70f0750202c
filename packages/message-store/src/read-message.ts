import { isStub, type MessageRecord, type Metadata } from '@voicemail/domain';
import { StoreError, type ByteRange, type ObjectReader } from '@voicemail/object-store';
import { messageRecord } from './documents.ts';
import { inBatches } from './in-batches.ts';
import { readJson, type Stored } from './json-document.ts';
import { mailboxesPrefix, messagesPrefix, metadataKey } from './keys.ts';
import { regionStore, type TenantStores } from './tenant-stores.ts';

/** Documents of one mailbox that are read at once while it is listed. */
const LIST_CONCURRENCY = 16;

/** What stands under a message's metadata key: the message, the stub of a deleted one, or null. */
export function readRecord(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
): Promise<Stored<MessageRecord> | null> {
  return readJson(stores.master.store, metadataKey(stores.tenant, mailbox, messageId), messageRecord);
}

/** A message with the etag of its metadata; null where there is none or it was deleted. */
export async function readMessage(
  stores: TenantStores,
  mailbox: string,
  messageId: string,
): Promise<Stored<Metadata> | null> {
  const stored = await readRecord(stores, mailbox, messageId);
  return stored === null || isStub(stored.value) ? null : { value: stored.value, etag: stored.etag };
}

/** The tenant's mailboxes that hold settings or ever held a message, in no order that means anything. */
export function listMailboxes(stores: TenantStores): AsyncIterable<string> {
  return stores.master.store.folders(mailboxesPrefix(stores.tenant));
}

/** Every record of a mailbox, stubs too, in order of their ids. */
export async function* listRecords(stores: TenantStores, mailbox: string): AsyncGenerator<Stored<MessageRecord>> {
  const messageIds = stores.master.store.folders(messagesPrefix(stores.tenant, mailbox));
  const read = (messageId: string): Promise<Stored<MessageRecord> | null> => readRecord(stores, mailbox, messageId);
  for await (const record of inBatches(messageIds, LIST_CONCURRENCY, read)) if (record !== null) yield record;
}

/** The messages of a mailbox, without deleted ones, in order of their ids. */
export async function* listMessages(stores: TenantStores, mailbox: string): AsyncGenerator<Metadata> {
  for await (const { value } of listRecords(stores, mailbox)) if (!isStub(value)) yield value;
}

/**
 * A message's recording, or a part of it. One that was moved to another region since the metadata was read is opened there.
 * @throws StoreError `not-found` where the media is gone, `busy` where it is on its way, `invalid-range`.
 */
export async function openMedia(stores: TenantStores, message: Metadata, range?: ByteRange): Promise<ObjectReader> {
  const reader = (await openAt(stores, message, range)) ?? (await openWhereItIsNow(stores, message, range));
  if (reader === null) throw new StoreError('not-found', 'get', message.media.key, 'the recording is not in its store');
  return reader;
}

function openAt(stores: TenantStores, message: Metadata, range: ByteRange | undefined): Promise<ObjectReader | null> {
  return regionStore(stores, message.region).get(message.media.key, range === undefined ? {} : { range });
}

async function openWhereItIsNow(
  stores: TenantStores,
  message: Metadata,
  range: ByteRange | undefined,
): Promise<ObjectReader | null> {
  const now = (await readMessage(stores, message.mailbox, message.messageId))?.value;
  if (now === undefined) return null;
  if (now.region !== message.region) return openAt(stores, now, range);
  if (!(await liesElsewhere(stores, now))) return null;
  throw new StoreError('busy', 'get', now.media.key, 'the recording is on its way between two regions; try again');
}

/**
 * Whether a recording that is not where its message has it lies in another region: a move has not taken it from there yet, and a deposit of
 * the same message has just taken away what it had brought, and puts it there again.
 */
export async function liesElsewhere(stores: TenantStores, { region, media }: Metadata): Promise<boolean> {
  const others = stores.regions.filter(({ name }) => name !== region);
  const found = await Promise.all(others.map(({ store }) => store.head(media.key)));
  return found.some((info) => info !== null);
}
