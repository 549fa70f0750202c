export { ahead } from './ahead.ts';
export { atMost } from './at-most.ts';
export { backoffMs, type BackoffBounds } from './backoff.ts';
export { systemClock, type Clock } from './clock.ts';
export { InvalidConfig, readConfig, type ConfigFault, type Environment } from './config.ts';
export {
  boolean,
  clockOffset,
  cron,
  duration,
  integer,
  LOG_LEVELS,
  logLevel,
  path,
  port,
  url,
  type LogLevel,
} from './config-values.ts';
export { createHealth, HEALTH_CACHE_MS, type Health, type HealthCheck, type HealthReport } from './health.ts';
export { systemIds, type Ids } from './ids.ts';
export { inTurn } from './in-turn.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { manualClock, type ManualClock } from './manual-clock.ts';
export { maskText } from './mask.ts';
export { createMetrics, type Counter, type Gauge, type Histogram, type LabelValues, type Metrics } from './metrics.ts';
export { onShutdown, SHUTDOWN_GRACE_MS, type Shutdown, type StopStep } from './shutdown.ts';
export { readSchedule, type Schedule } from './schedule.ts';
export { whileTimePasses, type PassingOptions } from './while-time-passes.ts';
export { version } from './version.ts';
