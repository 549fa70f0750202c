import {
  deadLetterRecord,
  InvalidEvent,
  readRecord,
  type DeadLetterReason,
  type IncomingTopic,
} from '@voicemail/contracts';
import { firstPosition, firstTaken, LogError, type LogRecord } from '@voicemail/event-log';
import {
  deadLetterId,
  keepDeadLetter,
  Refusal,
  timeOf,
  type DeadLetterHome,
  type RejectedRecord,
  type TenantDirectory,
  type TenantStores,
} from '@voicemail/message-store';
import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { verdictOn } from './apply-verdict.ts';
import { NotThereYet } from './handle-action.ts';
import type { HandlerContext } from './handle-deposit.ts';

export interface BurialContext extends HandlerContext {
  /** The deployment's own store, for what names no known tenant. */
  readonly deployment: ObjectStore;
}

const SOURCE = '/voicemail/deposit-consumer';

/**
 * Makes a rejected record a dead letter: keeps its bytes, then announces it. May be repeated: the same record is one letter.
 * @param topic the topic that the record came to first.
 * @throws StoreError, LogError: nothing is lost, try again.
 */
export async function bury(
  context: BurialContext,
  topic: IncomingTopic,
  record: LogRecord,
  error: unknown,
): Promise<DeadLetterReason> {
  const { tenantId, callerId, depositedAt, stagedKey } = whatCouldBeRead(topic, record, error);
  const home = homeOf(context.tenants, context.deployment, tenantId);
  const reason = reasonOf(error);
  const detail = detailOf(error);
  const rejected = {
    ...record,
    topic,
    ...firstPosition(record, topic),
    takenAtMs: firstTaken(record),
    depositedAt,
    reason,
    detail,
    callerId,
    stagedKey,
  };
  const isErased =
    home.tenant !== null && typeof callerId === 'string' && (await isSuppressed(context, home.tenant, rejected));
  const letter = isErased ? null : await keepDeadLetter(home, rejected, context.clock.now());
  const { partition, offset } = rejected;
  const at = letter?.at ?? new Date(context.clock.now()).toISOString();
  const data = { topic, partition, offset, reason, detail, storedAt: letter?.storedAt ?? null, at };
  await context.log.append([
    deadLetterRecord(data, { id: deadLetterId(rejected), source: SOURCE, time: at, key: record.key }),
  ]);
  return reason;
}

/**
 * Of an erased caller nothing is kept, and only that there was something is announced. Where the list cannot be read, the letter is kept: it must go
 * somewhere while the master region is down, and whoever searches for the caller again finds it.
 */
async function isSuppressed(context: BurialContext, stores: TenantStores, rejected: RejectedRecord): Promise<boolean> {
  try {
    return (await verdictOn(context, stores, rejected.callerId ?? null, timeOf(rejected))).kind === 'suppress';
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/** Where a tenant's dead letters are kept; the deployment's own store where the tenant is not known. */
function homeOf(tenants: TenantDirectory, deployment: ObjectStore, tenantId: string | undefined): DeadLetterHome {
  const served = tenantId === undefined ? undefined : tenants.byId(tenantId);
  return { tenant: served?.stores ?? null, deployment };
}

function reasonOf(error: unknown): DeadLetterReason {
  if (error instanceof InvalidEvent || error instanceof Refusal) return error.reason;
  return error instanceof NotThereYet ? 'not-found' : 'retries-exhausted';
}

/** Only words of our own are published: what another error says may repeat what it read. */
function detailOf(error: unknown): string {
  // The key of an object may hold a keyed hash, or a name that a publisher chose.
  if (error instanceof StoreError) return `${error.operation}: ${error.kind}`;
  const isOurs = [InvalidEvent, Refusal, NotThereYet, LogError].some((known) => error instanceof known);
  return isOurs ? (error as Error).message : 'the record could not be handled; the log of the service says why';
}

interface Readable {
  readonly tenantId: string | undefined;
  readonly stagedKey: string | null;
  /** null: it names no caller. undefined: that could not be read. */
  readonly callerId: string | null | undefined;
  /** null: it is no deposit, or says nothing of it. */
  readonly depositedAt: string | null;
}

function whatCouldBeRead(topic: IncomingTopic, record: LogRecord, error: unknown): Readable {
  if (error instanceof InvalidEvent) {
    const { tenant, callerId, depositedAt = null } = error;
    return { tenantId: tenant, callerId, depositedAt, stagedKey: null };
  }
  const event = readRecord(topic, record);
  const tenantId = event.data.tenant;
  if (event.kind !== 'deposit') return { tenantId, callerId: null, depositedAt: null, stagedKey: null };
  const { callerId, depositedAt, media } = event.data;
  return { tenantId, callerId, depositedAt, stagedKey: 'stagedKey' in media ? media.stagedKey : null };
}
