import { Cron } from 'croner';

/** When something is to be run, by a cron expression, in UTC: daylight saving moves nothing. */
export interface Schedule {
  readonly expression: string;
  /** The first moment after `nowMs`, both in ms since the epoch. */
  next(nowMs: number): number;
  /** The last moment before `nowMs` or at it; null where there was none. */
  previous(nowMs: number): number | null;
}

/** Why a text is no schedule that ever comes, or the schedule. */
export function readSchedule(expression: string): Schedule | string {
  let cron: Cron;
  try {
    cron = new Cron(expression, { timezone: 'UTC', paused: true });
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    return 'must be a cron expression, such as 0 * * * *';
  }
  if (cron.nextRun() === null) return 'must be a cron expression whose time comes again';
  return {
    expression,
    next: (nowMs) => {
      const next = cron.nextRun(new Date(nowMs));
      if (next === null) throw new RangeError(`the schedule ${expression} has no time after ${nowMs}`);
      return next.getTime();
    },
    // The library looks before a moment, not at it.
    previous: (nowMs) => cron.previousRuns(1, new Date(nowMs + 1))[0]?.getTime() ?? null,
  };
}
