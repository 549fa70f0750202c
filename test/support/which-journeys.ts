/** Which files of journeys are told a second time, on Kafka and Redis. */
const JOURNEYS = 'test/journey';
const file = (name: string): string => `${JOURNEYS}/${name}.test.ts`;

/** Of Kafka and Redis by themselves, or of no log at all. */
export const NOT_TOLD_TWICE: readonly string[] = ['distributed', 'store-costs'].map(file);

/** Those that pass by every part and take a few seconds. */
export const SHORT_FORM: readonly string[] = ['embedded', 'stop'].map(file);

/** Every journey is, where there is time for it. */
export const ALL = `${JOURNEYS}/*.test.ts`;

/** So are simulations of everything in one process. */
export const SIMULATIONS: readonly string[] = ['test/simulation/forget.test.ts'];

/** What takes a quarter of a minute or more, most of it on servers or processes that are killed; what it is made of is tested beside the code too. */
export const LONG: readonly string[] = [
  'packages/event-log/src/kafka/broker-restart.test.ts',
  'packages/event-log/src/kafka/clean.test.ts',
  'packages/event-log/src/kafka/failover.test.ts',
  'packages/event-log/src/kafka/leader.test.ts',
  'packages/event-log/src/kafka/memory.test.ts',
  'packages/event-log/src/kafka/outage.test.ts',
  'packages/event-log/src/kafka/rebalance.test.ts',
  'packages/gdpr/src/crash.test.ts',
  'packages/gdpr/src/late-forward.test.ts',
  'packages/message-store/src/reindex/races.test.ts',
  'packages/message-store/src/reindex/reindex-tenant.test.ts',
  'packages/message-store/src/stopped-attempts.test.ts',
  'packages/message-store/src/storage-copy/clouds.test.ts',
  'packages/message-store/src/storage-copy/crash.test.ts',
  'packages/message-store/src/storage-copy/races.test.ts',
  'packages/object-store/src/azure-blob/rotation.test.ts',
  'packages/testing/src/servers/kafka.test.ts',
  'services/voicemail/src/commands/storage.test.ts',
  'test/containers/compose.test.ts',
  'test/crash/distributed.test.ts',
  'test/crash/failover.test.ts',
  'test/crash/network.test.ts',
  'test/crash/storage-copy.test.ts',
  'test/distributed/foreign.test.ts',
  'test/distributed/forget.test.ts',
  'test/distributed/poison.test.ts',
  'test/distributed/projectors.test.ts',
  'test/distributed/trimming.test.ts',
  'test/journey/distributed.test.ts',
  'test/journey/forget.test.ts',
  'test/journey/region-secrets.test.ts',
];

/** Stands in for the others in the short form. */
export const LEFT_OUT = 'test/support/left-out.test.ts';
