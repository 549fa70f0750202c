import { TOPICS, type IncomingTopic } from '@voicemail/contracts';
import { groupMetrics, type EventLog } from '@voicemail/event-log';
import type { Clock, Metrics } from '@voicemail/runtime';
import { DEPOSIT_CONSUMER_GROUP } from './topics.ts';
import { waitingAge } from './waiting-age.ts';

export interface IntakeMetrics {
  /** Counts a record as in flight meanwhile. */
  handling(topic: IncomingTopic, work: () => Promise<void>): Promise<void>;
  handled(topic: IncomingTopic, outcome: 'done' | 'later' | 'dead-letter'): void;
  /** A record went on to a retry topic. @param firstTakenMs ms since the epoch. */
  waits(topic: IncomingTopic, firstTakenMs: number): void;
}

/** How the intake does: what became of records, how many wait in the log, and how long the oldest one has waited. */
export function intakeMetrics({
  log,
  clock,
  metrics,
}: {
  log: EventLog;
  clock: Clock;
  metrics: Metrics;
}): IntakeMetrics {
  const topics: readonly IncomingTopic[] = [TOPICS.deposits, TOPICS.messageActions, TOPICS.mailboxes];
  const retried = new Map<string, ReturnType<typeof waitingAge>>(topics.map((topic) => [topic, waitingAge()]));
  const handled = metrics.counter({
    name: 'voicemail_records_handled_total',
    help: 'Incoming records by what became of them.',
    labels: ['topic', 'outcome'],
  });
  const group = groupMetrics({
    log,
    clock,
    metrics,
    group: DEPOSIT_CONSUMER_GROUP,
    topics,
    oldestAgain: (topic, nowMs) => retried.get(topic)?.oldest(nowMs) ?? null,
  });
  return {
    handling: (topic, work) => group.handling(topic, 1, work),
    handled: (topic, outcome) => handled.inc({ topic, outcome }),
    waits: (topic, firstTakenMs) => retried.get(topic)?.note(firstTakenMs, clock.now()),
  };
}
