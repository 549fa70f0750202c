import { readRecord, TOPICS } from '@voicemail/contracts';
import type { LogRecord } from '@voicemail/event-log';
import { changeMailbox } from '@voicemail/message-store';
import { mailboxFact } from './announce.ts';
import type { HandlerContext } from './handle-deposit.ts';
import { servedTenant } from './served-tenant.ts';

/**
 * Stores a mailbox's settings, or the stub of a removed one, and announces what stands there then. May be repeated.
 * @throws InvalidEvent, Refusal: a dead letter. StoreError, LogError: try again.
 */
export async function handleMailbox({ log, tenants }: HandlerContext, record: LogRecord): Promise<void> {
  const event = readRecord(TOPICS.mailboxes, record);
  if (event.kind !== 'mailbox') throw new TypeError(`a ${event.kind} event came from the topic of mailboxes`);
  const stores = servedTenant(tenants, event.data.tenant);
  const order = { time: event.time, id: event.id };
  const document = await changeMailbox(stores, event.data.mailbox, event.data.settings, order);
  await log.append([mailboxFact(document, event)]);
}
