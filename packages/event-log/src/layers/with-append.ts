import type { EventLog, Holding, NewRecord, Position } from '../port.ts';

/** What goes on round an append: `append` is the log's own, or that of a holding. */
type AroundAppend = (records: readonly NewRecord[], append: EventLog['append']) => Promise<readonly Position[]>;

/** A log whose appends, those by its holdings too, go through `around`, everything else as it is: for observation, faults and crashes. */
export function withAppend(log: EventLog, around: AroundAppend): EventLog {
  const held = (holding: Holding | null): Holding | null =>
    holding === null ? null : { append: (records) => around(records, (inner) => holding.append(inner)) };
  return {
    append: (records) => around(records, (inner) => log.append(inner)),
    subscribe: async (options) => {
      const subscription = await log.subscribe({
        ...options,
        handle: (records, signal, holding) => options.handle(records, signal, held(holding)),
      });
      return {
        holding: (topic, key) => held(subscription.holding(topic, key)),
        idle: () => subscription.idle(),
        stop: (graceMs) => subscription.stop(graceMs),
      };
    },
    read: (topic, options) => log.read(topic, options),
    lag: (group, topics) => log.lag(group, topics),
    clean: () => log.clean(),
    check: () => log.check(),
    close: () => log.close(),
  };
}
