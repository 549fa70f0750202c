import type { EventLog } from '@voicemail/event-log';
import type { Logger } from '@voicemail/runtime';

/** At the level `trace`, a line for every append that is durable. */
export function tracedLog(log: EventLog, logger: Logger): EventLog {
  if (!logger.isLevelEnabled('trace')) return log;
  return {
    append: async (records) => {
      const positions = await log.append(records);
      const topics = [...new Set(records.map(({ topic }) => topic))];
      logger.trace({ step: `append ${topics.join(', ')}` }, 'done');
      return positions;
    },
    subscribe: (options) => log.subscribe(options),
    read: (topic, options) => log.read(topic, options),
    lag: (group, topics) => log.lag(group, topics),
    clean: () => log.clean(),
    check: () => log.check(),
    close: () => log.close(),
  };
}
