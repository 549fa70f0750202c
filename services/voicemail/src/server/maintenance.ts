import type { EventLog } from '@voicemail/event-log';
import type { Clock, Logger } from '@voicemail/runtime';
import type { RegionStores } from '../regions/region-stores.ts';

const HOUR_MS = 3_600_000;
/** After the start, so that it does not hold up the first calls. */
const FIRST_ROUND_AFTER_MS = 2_000;
export const LOG_CLEAN_EVERY_MS = HOUR_MS;
/** A sweep walks a whole volume. */
export const STORE_SWEEP_EVERY_MS = 24 * HOUR_MS;

export interface MaintenanceOptions {
  readonly log: EventLog;
  readonly stores: Pick<RegionStores, 'opened'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the embedded adapters need from time to time, which servers of their own would do by themselves: trimming the log, sweeping stores. */
export function startMaintenance({ log, stores, clock, logger }: MaintenanceOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (ms: number): Promise<boolean> =>
    clock.sleep(ms, signal).then(
      () => true,
      () => false,
    );
  const repeat = async (work: string, everyMs: number, round: () => Promise<void>): Promise<void> => {
    for (let goesOn = await pause(FIRST_ROUND_AFTER_MS); goesOn; goesOn = await pause(everyMs)) {
      await round().catch((error: unknown) => {
        if (!signal.aborted) logger.error({ err: error, work }, 'Maintenance failed and is tried again');
      });
    }
  };
  const cleanLog = async (): Promise<void> => {
    const removed = await log.clean();
    if (removed > 0) logger.info({ removed }, 'Records that are done with left the log');
  };
  const sweepStores = async (): Promise<void> => {
    for (const { region, sweep } of stores.opened()) {
      if (signal.aborted) return;
      await sweep?.(signal).then(
        (swept) => {
          const found = Object.values(swept).some((count) => count > 0);
          logger[found ? 'info' : 'debug']({ region, ...swept }, 'Store swept');
        },
        (error: unknown) => {
          if (!signal.aborted) logger.error({ err: error, region }, 'A store could not be swept');
        },
      );
    }
  };
  const loops = [
    repeat('clean the log', LOG_CLEAN_EVERY_MS, cleanLog),
    repeat('sweep stores', STORE_SWEEP_EVERY_MS, sweepStores),
  ];
  return {
    stop: async () => {
      stopping.abort(new Error('maintenance was stopped'));
      await Promise.all(loops);
    },
  };
}
