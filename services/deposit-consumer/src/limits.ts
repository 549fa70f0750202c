/** Every bound of this service, with its unit. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const MAX_IN_FLIGHT = 32;
export const MAX_BUFFERED_RECORDS = 512;
export const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

/** Where records wait that could not be handled: `<topic>.retry.<name>`, the last one as often as it takes. */
export const RETRY_DELAYS = [
  { name: '1s', ms: SECOND_MS },
  { name: '10s', ms: 10 * SECOND_MS },
  { name: '1m', ms: MINUTE_MS },
  { name: '10m', ms: 10 * MINUTE_MS },
] as const;

/** How long an action waits for its message (CONTRACT section 3). */
export const NOT_FOUND_MAX_AGE_MS = HOUR_MS;
/** By this age what could not be stored becomes a dead letter: the log keeps a record for 7 days. */
export const MAX_AGE_MS = 6 * DAY_MS;

/** Between two sweeps of what has an end: retention, dead letters. */
export const EXPIRY_SWEEP_EVERY_MS = HOUR_MS;
/** Between two sweeps of leftovers, which walk every message. */
export const LEFTOVER_SWEEP_EVERY_MS = DAY_MS;
/** After the start, so that a start is quick and a process that never lives a day sweeps too. */
export const FIRST_SWEEP_AFTER_MS = 5 * SECOND_MS;
