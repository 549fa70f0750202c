import type { Clock, Ids } from '@voicemail/runtime';
import { backoffMs, type BackoffBounds } from './delivery/backoff.ts';
import type { EventLog, LogHeaders, LogRecord, Subscription, SubscribeOptions } from './port.ts';
import {
  FIRST_POSITION_HEADER,
  FIRST_TAKEN_HEADER,
  firstPosition,
  firstTaken,
  retryTopicName,
  type RetryDelay,
} from './retry-topics.ts';

/**
 * What a failure asks for. `in-place`: likely over in a moment, so a few quick attempts, then the retry topics;
 * `later`: straight to the retry topics; `dead`: no attempt will ever succeed.
 */
export type FailureClass = 'in-place' | 'later' | 'dead';

export interface RetryingOptions extends Pick<
  SubscribeOptions,
  'group' | 'maxInFlight' | 'maxBufferedRecords' | 'maxBufferedBytes' | 'onFailure'
> {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  readonly topic: string;
  /** Shortest first. Their topics (`retryTopics`) must be the log's. None: what would go there is retried in place. */
  readonly delays: readonly RetryDelay[];
  /** Handles one record; a record of a retry topic has that topic's name. */
  readonly handle: (record: LogRecord, signal: AbortSignal) => Promise<void>;
  readonly classify: (error: unknown) => FailureClass;
  /** How long after its first taking a record that fails with this error is still tried again, ms. */
  readonly maxAgeMs: (error: unknown) => number;
  /** Takes a record that is given up, durably. When it rejects, the record is tried again in place. */
  readonly bury: (record: LogRecord, error: unknown) => Promise<void>;
  /** Told of each record that went on to a retry topic, once it is there. */
  readonly onRetryLater?: (error: unknown, record: LogRecord, retryTopic: string) => void;
}

/** Attempts that an `in-place` failure gets before its record goes on to the retry topics. */
export const MAX_IN_PLACE_ATTEMPTS = 4;
const IN_PLACE_PAUSE: BackoffBounds = { baseMs: 50, capMs: 1_000 };

/**
 * Subscribes a group to a topic and its retry topics. A record that fails moves up the delays and stays at the last
 * one until it is too old, then it is buried; so one bad record or one slow store holds up nobody else. The record is
 * done only after the retry topic or the burial has taken it; where neither can, it is tried again in place for as
 * long as that lasts. What passed through a retry topic may have been overtaken by later records of its key.
 */
export function retrying(options: RetryingOptions): Promise<Subscription> {
  const topics = [options.topic, ...options.delays.map((delay) => retryTopicName(options.topic, delay))];
  const { group, maxInFlight, maxBufferedRecords, maxBufferedBytes, onFailure } = options;
  return options.log.subscribe({
    group,
    topics,
    maxInFlight,
    maxBufferedRecords,
    maxBufferedBytes,
    ...(onFailure && { onFailure }),
    handle: async (records, signal) => {
      for (const record of records) await handleOne(options, topics, record, signal);
    },
  });
}

async function handleOne(
  options: RetryingOptions,
  topics: readonly string[],
  record: LogRecord,
  signal: AbortSignal,
): Promise<void> {
  const failure = await attempt(options, record, signal);
  if (failure === null) return;
  const ageMs = options.clock.now() - firstTaken(record);
  if (failure.class === 'dead' || ageMs >= options.maxAgeMs(failure.error)) {
    return options.bury(record, failure.error);
  }
  const next = topics[Math.min(topics.indexOf(record.topic) + 1, topics.length - 1)];
  // Without retry topics the subscription's own backoff tries again in place.
  if (next === undefined || next === options.topic) throw failure.error;
  await options.log.append([
    {
      topic: next,
      key: record.key,
      value: record.value,
      headers: { ...record.headers, ...historyOf(record, options.topic) },
    },
  ]);
  options.onRetryLater?.(failure.error, record, next);
}

/** What a retried record carries of its first taking. */
function historyOf(record: LogRecord, topic: string): LogHeaders {
  const { partition, offset } = firstPosition(record, topic);
  return {
    [FIRST_TAKEN_HEADER]: new Date(firstTaken(record)).toISOString(),
    [FIRST_POSITION_HEADER]: `${partition}/${offset}`,
  };
}

interface Failure {
  readonly error: unknown;
  readonly class: FailureClass;
}

/** Handles the record, again and again while its failures are `in-place` and there are attempts left. */
async function attempt(options: RetryingOptions, record: LogRecord, signal: AbortSignal): Promise<Failure | null> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      await options.handle(record, signal);
      return null;
    } catch (error) {
      // A stopped handler has not judged the record: the next subscriber gets it as it was.
      if (signal.aborted) throw error;
      const failureClass = options.classify(error);
      if (failureClass !== 'in-place' || attempts >= MAX_IN_PLACE_ATTEMPTS) return { error, class: failureClass };
      options.onFailure?.(error, [record], attempts);
      await options.clock.sleep(backoffMs(attempts, IN_PLACE_PAUSE, options.ids.random()), signal);
    }
  }
}
