import type { EventLog } from '../port.ts';

/** A log whose appends go through `append`, everything else as it is: for observation, faults and crashes. */
export function withAppend(log: EventLog, append: EventLog['append']): EventLog {
  return {
    append,
    subscribe: (options) => log.subscribe(options),
    read: (topic, options) => log.read(topic, options),
    lag: (group, topics) => log.lag(group, topics),
    clean: () => log.clean(),
    check: () => log.check(),
    close: () => log.close(),
  };
}
