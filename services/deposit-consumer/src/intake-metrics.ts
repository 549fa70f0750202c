import { TOPICS, type IncomingTopic } from '@voicemail/contracts';
import type { EventLog } from '@voicemail/event-log';
import type { Clock, Metrics } from '@voicemail/runtime';
import { DEPOSIT_CONSUMER_GROUP } from './topics.ts';
import { waitingAge } from './waiting-age.ts';

export interface IntakeMetrics {
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
  const retried = new Map<IncomingTopic, ReturnType<typeof waitingAge>>(topics.map((topic) => [topic, waitingAge()]));
  const handled = metrics.counter({
    name: 'voicemail_records_handled_total',
    help: 'Incoming records by what became of them.',
    labels: ['topic', 'outcome'],
  });
  metrics.gauge({
    name: 'voicemail_records_waiting',
    help: 'Incoming records that were not handled yet, without those that wait to be tried again.',
    labels: ['topic'],
    collect: async (gauge) => {
      for (const { topic, waiting } of await log.lag(DEPOSIT_CONSUMER_GROUP, topics)) gauge.set({ topic }, waiting);
    },
  });
  metrics.gauge({
    name: 'voicemail_oldest_waiting_seconds',
    help: 'Age of the oldest incoming record that is not done, also of one that waits to be tried again. Alert on it: at 6 days it becomes a dead letter.',
    labels: ['topic'],
    collect: async (gauge) => {
      const nowMs = clock.now();
      for (const { topic, oldestAppendedAt } of await log.lag(DEPOSIT_CONSUMER_GROUP, topics)) {
        const again = retried.get(topic as IncomingTopic)?.oldest(nowMs) ?? nowMs;
        const oldestMs = Math.min(oldestAppendedAt ?? nowMs, again);
        gauge.set({ topic }, Math.max(0, nowMs - oldestMs) / 1_000);
      }
    },
  });
  return {
    handled: (topic, outcome) => handled.inc({ topic, outcome }),
    waits: (topic, firstTakenMs) => retried.get(topic)?.note(firstTakenMs, clock.now()),
  };
}
