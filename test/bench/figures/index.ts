import type { Figure } from '../figure.ts';
import { backlogMemory } from './backlog-memory.ts';
import { callerSearch } from './caller-search.ts';
import { depositAtScale } from './deposit-at-scale.ts';
import { depositEndToEnd } from './deposit-end-to-end.ts';
import { depositsBesideForgotten } from './deposits-beside-forgotten.ts';
import { eventsPost } from './events-post.ts';
import { exportFigure } from './export.ts';
import { forgetMany } from './forget-many.ts';
import { forget } from './forget.ts';
import { kafkaBacklogMemory } from './kafka-backlog-memory.ts';
import { kafkaDeposits } from './kafka-deposits.ts';
import { kafkaProjector } from './kafka-projector.ts';
import { lampLatency } from './lamp-latency.ts';
import { largeRecordings } from './large-recordings.ts';
import { logAppend } from './log-append.ts';
import { projector } from './projector.ts';
import { redisRebuild } from './redis-rebuild.ts';
import { start } from './start.ts';
import { storeDeposits } from './stores.ts';

/** In the order in which they run. */
export const FIGURES: readonly Figure[] = [
  start,
  logAppend,
  eventsPost,
  depositEndToEnd,
  projector,
  backlogMemory,
  largeRecordings,
  depositAtScale,
  storeDeposits,
  callerSearch,
  exportFigure,
  forget,
  forgetMany,
  depositsBesideForgotten,
  kafkaDeposits,
  kafkaProjector,
  lampLatency,
  redisRebuild,
  kafkaBacklogMemory,
];
