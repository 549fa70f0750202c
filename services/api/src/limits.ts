/** Every bound of this service, with its unit. */

/** Largest body of an event. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Largest body of any other call: a group mailbox with all the members that it may have. */
export const MAX_JSON_BYTES = 8 * 1024 * 1024;
/** Bodies that are in memory at once; beyond it a caller is told to come again. */
export const MAX_INTAKE_BYTES = 256 * 1024 * 1024;
/** What a recording that is handed on while it arrives takes of that room at most: its store holds a piece of it at a time. */
export const MAX_STREAMED_BYTES = 8 * 1024 * 1024;
/** Recordings that are listened to at once; the package of an export counts as many as it fetches at once. Each holds a connection to its store, and what is deposited needs some too. */
export const MAX_OPEN_RECORDINGS = 128;
/** A listener that takes nothing for this long is let go of. */
export const LISTENER_IDLE_MS = 60_000;
/** Media in a record; larger media is staged in its region's store and the record names it. */
export const MAX_RECORD_MEDIA_BYTES = 4 * 1024 * 1024;
/** A call that has not come whole by then is given up. */
export const REQUEST_TIMEOUT_MS = 120_000;
/** How long what still comes of a refused body is read and dropped, so that its sender gets to read the refusal. */
export const LINGER_MS = 5_000;
/** A parameter of a path as it is sent: a user's id of 256 characters, each percent-encoded. */
export const MAX_PARAM_CHARS = 3_072;
/** How long a call waits for its action to be done before it answers `202`. */
export const MAX_WAIT_MS = 2_000;
/** Between two looks whether it is done. */
export const WAIT_STEP_MS = 15;
/** Between two looks whether everything is counted again. */
export const REBUILD_LOOK_MS = 100;
/** Longest wait for that which a caller may ask for. */
export const MAX_REBUILD_WAIT_SECONDS = 60;
/** Mailboxes that wait to be counted, looked at to tell whether one of the caller's is among them. */
export const MAX_UNSETTLED_MAILBOXES = 10_000;
/** Mailboxes of one page that are read at once. */
export const MAX_READS_AT_ONCE = 32;
/** Stubs of deleted messages live 35 days: what is handed in again later than this might revive one (DESIGN). */
export const MAX_REPLAY_AGE_MS = 30 * 24 * 60 * 60 * 1_000;
/** How long a stop waits for calls under way, unless told. */
export const CLOSE_GRACE_MS = 3_500;
/** How long a stop waits for long work over the stores, which goes on when it is asked for again. */
export const STOP_WORK_MS = 1_000;
/** Between two looks for connections that have become idle while stopping. */
export const CLOSE_IDLE_EVERY_MS = 50;
/** What a client is told to wait where something is down. */
export const RETRY_AFTER_SECONDS = 5;
/** Longest wait for a GDPR request that a caller may ask for. */
export const MAX_GDPR_WAIT_SECONDS = 60;
/** Between two looks where a GDPR request is. */
export const REQUEST_LOOK_MS = 200;
/** How long the answer to a GDPR request that is not done yet waits for the counts of its callers. */
export const COUNT_LIMIT_MS = 2_000;
/** GDPR requests and their numbers, together, that wait to be taken into the ledger and are known meanwhile. */
export const MAX_ACCEPTED = 10_000;
/** How long one is: longer than it takes unless its topic is far behind. */
export const ACCEPTED_FOR_MS = 600_000;
