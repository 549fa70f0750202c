import { withAppend, type EventLog } from '@voicemail/event-log';
import type { Logger } from '@voicemail/runtime';

/** At the level `trace`, a line for every append that is durable. */
export function tracedLog(log: EventLog, logger: Logger): EventLog {
  if (!logger.isLevelEnabled('trace')) return log;
  return withAppend(log, async (records, append) => {
    const positions = await append(records);
    const topics = [...new Set(records.map(({ topic }) => topic))];
    logger.trace({ step: `append ${topics.join(', ')}` }, 'done');
    return positions;
  });
}
