import type { EventLog } from '@voicemail/event-log';
import type { Stopwatch } from '../measure/stopwatch.ts';

/** The same log, of which a stopwatch is told when records are handed over, and when they are handled. */
export function observedLog(log: EventLog, watch: () => Stopwatch): EventLog {
  return {
    append: (records) => log.append(records),
    subscribe: (options) =>
      log.subscribe({
        ...options,
        handle: async (records, ...others) => {
          watch().begun();
          await options.handle(records, ...others);
          watch().done(records.length);
        },
      }),
    read: (topic, options) => log.read(topic, options),
    lag: (group, topics) => log.lag(group, topics),
    clean: () => log.clean(),
    check: () => log.check(),
    close: () => log.close(),
  };
}
