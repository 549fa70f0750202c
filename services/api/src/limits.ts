/** Every bound of this service, with its unit. */

/** Largest body of any call. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Bodies of events that are in memory at once; beyond it a publisher is told to come again. */
export const MAX_INTAKE_BYTES = 256 * 1024 * 1024;
/** Media in a record; larger media is staged in its region's store and the record names it. */
export const MAX_RECORD_MEDIA_BYTES = 4 * 1024 * 1024;
/** How long a call waits for its action to be done before it answers `202`. */
export const MAX_WAIT_MS = 2_000;
/** Between two looks whether it is done. */
export const WAIT_STEP_MS = 15;
/** What a client is told to wait where something is down. */
export const RETRY_AFTER_SECONDS = 5;
