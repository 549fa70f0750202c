import { InvalidEvent, TOPICS } from '@voicemail/contracts';
import { groupMetrics, retrying, type FailureClass, type Subscription } from '@voicemail/event-log';
import type { Gdpr } from '@voicemail/gdpr';
import { Refusal } from '@voicemail/message-store';
import type { Ids, Logger, Metrics, Schedule } from '@voicemail/runtime';
import { bury, type BurialContext } from './bury.ts';
import { handleRequest } from './handle-request.ts';
import { GDPR_SAGA_GROUP, MAX_AGE_MS, MAX_BUFFERED_BYTES, MAX_BUFFERED_RECORDS, MAX_IN_FLIGHT } from './limits.ts';
import { startRuleSchedule } from './rule-schedule.ts';
import { startTenantWorkers, type TenantWorkers } from './tenant-workers.ts';

export interface GdprSagaOptions extends BurialContext {
  readonly gdpr: Gdpr;
  /** When the deletion rule runs. */
  readonly schedule: Schedule;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** GDPR requests, region by region, and the deletion rule by the clock. */
export interface GdprSaga {
  start(): Promise<void>;
  /** Resolves when every request in the log is taken in, and worked on as far as that can be now. */
  idle(): Promise<void>;
  /** Takes nothing new, finishes what is in flight within `graceMs`; what is half done goes on at the next start. */
  stop(graceMs: number): Promise<void>;
}

export function createGdprSaga(options: GdprSagaOptions): GdprSaga {
  const { log, clock, ids, logger, metrics } = options;
  const requests = groupMetrics({ log, clock, metrics, group: GDPR_SAGA_GROUP, topics: [TOPICS.gdprRequests] });
  let subscription: Subscription | null = null;
  let workers: TenantWorkers | null = null;
  let rule: ReturnType<typeof startRuleSchedule> | null = null;
  return {
    start: async () => {
      const started = startTenantWorkers(options);
      workers = started;
      subscription = await retrying({
        log,
        clock,
        ids,
        group: GDPR_SAGA_GROUP,
        topic: TOPICS.gdprRequests,
        // A tenant's requests stay in their order: a later one never overtakes one that has to be tried again.
        delays: [],
        maxInFlight: MAX_IN_FLIGHT,
        maxBufferedRecords: MAX_BUFFERED_RECORDS,
        maxBufferedBytes: MAX_BUFFERED_BYTES,
        handle: (record) =>
          requests.handling(TOPICS.gdprRequests, 1, async () => started.wake(await handleRequest(options, record))),
        classify,
        maxAgeMs: () => MAX_AGE_MS,
        bury: async (record, error) => {
          const reason = await bury(options, record, error);
          logger.warn({ offset: record.offset, reason }, 'a GDPR request became a dead letter');
        },
        onFailure: (error, [record], attempt) =>
          logger.warn({ err: error, offset: record?.offset, attempt }, 'a GDPR request is taken in again'),
      });
      rule = startRuleSchedule(options);
    },
    idle: async () => {
      await subscription?.idle();
      await workers?.idle();
    },
    stop: async (graceMs) => {
      await Promise.all([subscription?.stop(graceMs), rule?.stop(), workers?.stop()]);
    },
  };
}

const classify = (error: unknown): FailureClass =>
  error instanceof InvalidEvent || error instanceof Refusal ? 'dead' : 'in-place';
