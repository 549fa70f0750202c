import { deadLetterRecord, InvalidEvent, TOPICS } from '@voicemail/contracts';
import { firstPosition, firstTaken, type EventLog, type LogRecord } from '@voicemail/event-log';
import { keepDeadLetter, Refusal, type TenantDirectory } from '@voicemail/message-store';
import type { ObjectStore } from '@voicemail/object-store';
import type { Clock } from '@voicemail/runtime';

export interface BurialContext {
  readonly log: EventLog;
  readonly tenants: TenantDirectory;
  /** The deployment's own store, for what names no known tenant. */
  readonly deployment: ObjectStore;
  readonly clock: Clock;
}

const SOURCE = '/voicemail/gdpr-saga';

/**
 * Makes a rejected request a dead letter: keeps its bytes, for a day as it names callers that no search would find it by, then announces it.
 * @throws StoreError, LogError: nothing is lost, try again.
 */
export async function bury(
  { log, tenants, deployment, clock }: BurialContext,
  record: LogRecord,
  error: unknown,
): Promise<string> {
  const topic = TOPICS.gdprRequests;
  const isOurs = error instanceof InvalidEvent || error instanceof Refusal;
  const reason = isOurs ? error.reason : 'retries-exhausted';
  // Only words of our own are published: what another error says may repeat what it read.
  const detail = isOurs ? error.message : 'the request could not be taken in; the log of the service says why';
  const tenantId = error instanceof InvalidEvent ? error.tenant : record.key?.split('/')[0];
  const served = tenantId === undefined ? undefined : tenants.byId(tenantId);
  const letter = await keepDeadLetter(
    { tenant: served?.stores ?? null, deployment },
    {
      ...record,
      topic,
      ...firstPosition(record, topic),
      takenAtMs: firstTaken(record),
      reason,
      detail,
      callerId: undefined,
      stagedKey: null,
    },
    clock.now(),
  );
  const { partition, offset, storedAt, at } = letter;
  const data = { topic, partition, offset, reason, detail, storedAt, at } as const;
  await log.append([deadLetterRecord(data, { id: letter.id, source: SOURCE, time: at, key: record.key })]);
  return reason;
}
