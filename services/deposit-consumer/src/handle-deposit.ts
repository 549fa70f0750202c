import { readRecord, TOPICS } from '@voicemail/contracts';
import { firstTaken, type EventLog, type LogRecord } from '@voicemail/event-log';
import { reportNotErased, storeDeposit, type TenantDirectory } from '@voicemail/message-store';
import type { Clock, Logger, Metrics } from '@voicemail/runtime';
import { messageFact } from './announce.ts';
import { servedTenant } from './served-tenant.ts';

export interface HandlerContext {
  readonly log: EventLog;
  readonly tenants: TenantDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Stores a deposit and announces it. Resolves when both are durable; may be repeated.
 * @throws InvalidEvent, Refusal: a dead letter. StoreError, LogError: try again.
 */
export async function handleDeposit(context: HandlerContext, record: LogRecord): Promise<void> {
  const { log, tenants, clock } = context;
  const event = readRecord(TOPICS.deposits, record);
  if (event.kind !== 'deposit') throw new TypeError(`a ${event.kind} event came from the topic of deposits`);
  const stores = servedTenant(tenants, event.data.tenant);
  const takenAt = new Date(firstTaken(record)).toISOString();
  const now = new Date(clock.now()).toISOString();
  const outcome = await storeDeposit(stores, { ...event.data, takenAt }, now);
  reportNotErased(context, stores.tenant, outcome.notErased);
  const standing = outcome.kind === 'gone' ? outcome.stub : outcome.message;
  await log.append([messageFact(standing, 'deposited', event)]);
}
