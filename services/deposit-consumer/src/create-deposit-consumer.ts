import { TOPICS, type IncomingTopic } from '@voicemail/contracts';
import { firstTaken, retrying, type LogRecord, type RetryDelay, type Subscription } from '@voicemail/event-log';
import type { Ids } from '@voicemail/runtime';
import { bury } from './bury.ts';
import { classifyFailure, maxAgeMs } from './failure.ts';
import { handleAction } from './handle-action.ts';
import { handleDeposit, type HandlerContext } from './handle-deposit.ts';
import { handleMailbox } from './handle-mailbox.ts';
import { intakeMetrics } from './intake-metrics.ts';
import { MAX_BUFFERED_BYTES, MAX_BUFFERED_RECORDS, MAX_IN_FLIGHT, RETRY_DELAYS } from './limits.ts';
import { startSweeper, type SweeperContext } from './sweeper.ts';
import { DEPOSIT_CONSUMER_GROUP } from './topics.ts';

export interface DepositConsumerOptions extends SweeperContext, HandlerContext {
  readonly ids: Ids;
}

/** Deposits, message actions and mailboxes: each becomes a change of the stores, then a fact. */
export interface DepositConsumer {
  start(): Promise<void>;
  /** Resolves when everything that is in the log now is stored and announced (delayed retries: what is due). */
  idle(): Promise<void>;
  /** Finishes what is in flight, at most `graceMs`, and commits. */
  stop(graceMs: number): Promise<void>;
}

type Handler = (context: HandlerContext, record: LogRecord) => Promise<void>;

/** Mailbox events and facts are retried in place: an older one must not overtake (DESIGN, rule 2). */
const IN_PLACE_ONLY: readonly RetryDelay[] = [];

const INTAKE: readonly { topic: IncomingTopic; handle: Handler; delays: readonly RetryDelay[] }[] = [
  { topic: TOPICS.mailboxes, handle: handleMailbox, delays: IN_PLACE_ONLY },
  { topic: TOPICS.deposits, handle: handleDeposit, delays: RETRY_DELAYS },
  { topic: TOPICS.messageActions, handle: handleAction, delays: RETRY_DELAYS },
];

export function createDepositConsumer(options: DepositConsumerOptions): DepositConsumer {
  const metrics = intakeMetrics(options);
  let subscriptions: Subscription[] = [];
  let sweeper: ReturnType<typeof startSweeper> | null = null;

  const subscribe = ({ topic, handle, delays }: (typeof INTAKE)[number]): Promise<Subscription> =>
    retrying({
      log: options.log,
      clock: options.clock,
      ids: options.ids,
      group: DEPOSIT_CONSUMER_GROUP,
      topic,
      delays,
      maxInFlight: MAX_IN_FLIGHT,
      maxBufferedRecords: MAX_BUFFERED_RECORDS,
      maxBufferedBytes: MAX_BUFFERED_BYTES,
      handle: async (record) => {
        await metrics.handling(topic, () => handle(options, record));
        metrics.handled(topic, 'done');
      },
      classify: classifyFailure,
      maxAgeMs,
      bury: async (record, error) => {
        const reason = await bury(options, topic, record, error);
        metrics.handled(topic, 'dead-letter');
        options.logger.warn({ topic, offset: record.offset, reason }, 'a record became a dead letter');
      },
      onFailure: (error, [record], attempt) =>
        options.logger.warn({ err: error, topic, offset: record?.offset, attempt }, 'a record is tried again'),
      onRetryLater: (error, record, retryTopic) => {
        metrics.handled(topic, 'later');
        metrics.waits(topic, firstTaken(record));
        options.logger.info(
          { err: error, topic, offset: record.offset, retryTopic },
          'a record waits to be tried again',
        );
      },
    });

  return {
    start: async () => {
      subscriptions = await Promise.all(INTAKE.map(subscribe));
      sweeper = startSweeper(options);
    },
    idle: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.idle()));
    },
    stop: async (graceMs) => {
      await Promise.all([sweeper?.stop(), ...subscriptions.map((subscription) => subscription.stop(graceMs))]);
    },
  };
}
