/** Every bound of the work on GDPR requests, with its unit. */

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** The list of forgotten callers is never older than this where a deposit is judged (CONTRACT section 10), with some room for a slow look. */
export const MAX_LIST_AGE_MS = 4 * SECOND_MS;
/** After this, whoever judges a deposit knows what was in the ledger before. */
export const LIST_BOUND_MS = 5 * SECOND_MS;
/** What is not done by then has failed; the law gives a month. */
export const DEADLINE_MS = 25 * DAY_MS;
/** Things of one entry: what is told to be about to be done before it is. */
export const MAX_BATCH_THINGS = 500;
/** Messages that are changed at once. */
export const WORK_CONCURRENCY = 16;
/** A region that has not said by then that it is up is down. */
export const CHECK_TIMEOUT_MS = 5 * SECOND_MS;
/** Attempts to append an entry that others came before with theirs. */
export const MAX_APPEND_ATTEMPTS = 50;
