import type { Clock, Metrics } from '@voicemail/runtime';
import type { EventLog } from './port.ts';

export interface GroupMetricsOptions {
  readonly log: Pick<EventLog, 'lag'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly group: string;
  readonly topics: readonly string[];
  /** The oldest record of a topic that waits to be tried again, ms since the epoch; null: none. Without it none ever waits. */
  readonly oldestAgain?: (topic: string, nowMs: number) => number | null;
}

export interface GroupMetrics {
  /** Counts records as in flight while they are handled. */
  handling(topic: string, records: number, work: () => Promise<void>): Promise<void>;
}

/** How a group does with its topics: records that wait, the age of the oldest, and how many are being handled by this process. */
export function groupMetrics(options: GroupMetricsOptions): GroupMetrics {
  const { log, clock, metrics, group, topics, oldestAgain = () => null } = options;
  const inFlight = new Map(topics.map((topic) => [topic, 0]));
  metrics.gauge({
    name: 'voicemail_records_waiting',
    help: 'Records of a topic that were not handled yet, without those that wait to be tried again.',
    labels: ['topic'],
    collect: async (gauge) => {
      for (const { topic, waiting } of await log.lag(group, topics)) gauge.set({ topic }, waiting);
    },
  });
  metrics.gauge({
    name: 'voicemail_oldest_waiting_seconds',
    help: 'Age of the oldest record of a topic that is not done, also of one that waits to be tried again. Alert on it: at 6 days an incoming one becomes a dead letter.',
    labels: ['topic'],
    collect: async (gauge) => {
      const nowMs = clock.now();
      for (const { topic, oldestAppendedAt } of await log.lag(group, topics)) {
        const oldestMs = Math.min(oldestAppendedAt ?? nowMs, oldestAgain(topic, nowMs) ?? nowMs);
        gauge.set({ topic }, Math.max(0, nowMs - oldestMs) / 1_000);
      }
    },
  });
  metrics.gauge({
    name: 'voicemail_records_in_flight',
    help: 'Records of a topic that this process is handling.',
    labels: ['topic'],
    collect: (gauge) => {
      for (const [topic, records] of inFlight) gauge.set({ topic }, records);
    },
  });
  const add = (topic: string, records: number): void => void inFlight.set(topic, (inFlight.get(topic) ?? 0) + records);
  return {
    handling: async (topic, records, work) => {
      add(topic, records);
      try {
        await work();
      } finally {
        add(topic, -records);
      }
    },
  };
}
