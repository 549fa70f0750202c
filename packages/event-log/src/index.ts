export type * from './port.ts';
export { LogError, type LogErrorCode } from './log-error.ts';
export { openKafkaLog } from './kafka/open.ts';
export { plannedTopics, type PlannedTopic } from './kafka/planned-topics.ts';
export type { KafkaLogOptions, KafkaSasl, KafkaTls } from './kafka/options.ts';
export { openSqliteLog } from './sqlite/open.ts';
export type { SqliteLogOptions } from './sqlite/options.ts';
export { groupMetrics, type GroupMetrics } from './group-metrics.ts';
export { retrying, type FailureClass, type RetryingOptions } from './retrying.ts';
export {
  FIRST_POSITION_HEADER,
  FIRST_TAKEN_HEADER,
  firstPosition,
  firstTaken,
  retryTopicName,
  retryTopics,
  type RetryDelay,
} from './retry-topics.ts';
export { withAppend } from './layers/with-append.ts';
