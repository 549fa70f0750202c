import { readRecord, TOPICS, type DepositEvent } from '@voicemail/contracts';
import { earlier } from '@voicemail/domain';
import { firstTaken, type EventLog, type LogRecord } from '@voicemail/event-log';
import {
  messageFact,
  reportNotErased,
  storeDeposit,
  suppressDeposit,
  type Ledgers,
  type TenantDirectory,
  type TenantStores,
} from '@voicemail/message-store';
import type { Clock, Logger, Metrics } from '@voicemail/runtime';
import { applyVerdict, standsHeld, verdictOn, type Applied } from './apply-verdict.ts';
import { servedTenant } from './served-tenant.ts';

export interface HandlerContext {
  readonly log: EventLog;
  readonly tenants: TenantDirectory;
  /** What callers have asked for: deposits of those who are forgotten are marked, or not stored at all. */
  readonly ledgers: Ledgers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Stores a deposit and announces it, unless its caller is erased. Resolves when both are durable; may be repeated.
 * @throws InvalidEvent, Refusal: a dead letter. StoreError, LogError: try again.
 */
export async function handleDeposit(context: HandlerContext, record: LogRecord): Promise<void> {
  const event = readRecord(TOPICS.deposits, record);
  if (event.kind !== 'deposit') throw new TypeError(`a ${event.kind} event came from the topic of deposits`);
  const stores = servedTenant(context.tenants, event.data.tenant);
  const takenAt = new Date(firstTaken(record)).toISOString();
  const { callerId, depositedAt } = event.data;
  const verdict = await verdictOn(context, stores, callerId, earlier(depositedAt, takenAt));
  const isSuppressed = verdict.kind === 'suppress' && !(await standsHeld(context, stores, event.data));
  const {
    record: standing,
    facts,
    after,
  } = isSuppressed ? await suppress(context, stores, event) : await store(context, stores, event, takenAt);
  await context.log.append([messageFact(standing, 'deposited', event), ...facts]);
  await after?.();
}

async function store(
  context: HandlerContext,
  stores: TenantStores,
  event: DepositEvent,
  takenAt: string,
): Promise<Applied> {
  const now = new Date(context.clock.now()).toISOString();
  const outcome = await storeDeposit(stores, { ...event.data, takenAt }, now);
  reportNotErased(context, stores.tenant, outcome.notErased);
  if (outcome.kind === 'gone') return { record: outcome.stub, facts: [] };
  return applyVerdict(context, stores, outcome.message, event);
}

async function suppress(context: HandlerContext, stores: TenantStores, { data }: DepositEvent): Promise<Applied> {
  const { stub, notErased } = await suppressDeposit(stores, data, new Date(context.clock.now()).toISOString());
  reportNotErased(context, stores.tenant, notErased);
  const suppressed = context.metrics.counter({
    name: 'voicemail_deposits_suppressed_total',
    help: 'Deposits that were not stored, for their callers are erased.',
  });
  suppressed.inc({});
  return { record: stub, facts: [] };
}
