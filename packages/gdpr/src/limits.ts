import type { BackoffBounds } from '@voicemail/runtime';

/** Every bound of the work on GDPR requests, with its unit. */

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** The list of forgotten callers is never older than this where a deposit is judged (CONTRACT section 10), with some room for a slow look. */
export const MAX_LIST_AGE_MS = 4 * SECOND_MS;
/** After this, whoever judges a deposit knows what was in the ledger before. */
export const LIST_BOUND_MS = 5 * SECOND_MS;
/** What is not done by then has failed; the law gives a month. */
export const DEADLINE_MS = 25 * DAY_MS;
/** Between two searches for an erased caller, of whom a process that was stopped may have left something. */
export const SEARCH_ERASED_EVERY_MS = DAY_MS;
/** As long as stubs live; after that a restored backup alone could bring anything back. */
export const SEARCH_ERASED_FOR_MS = 35 * DAY_MS;
/** Between two searches after that. */
export const SEARCH_LONG_ERASED_EVERY_MS = 7 * DAY_MS;
/** Erased requests that one run of the rule searches for again, those first that were searched for longest ago. */
export const MAX_ERASED_SEARCHES = 1_000;
/** By then a store that finds by tags has what was written before. */
export const TAGS_SETTLE_AFTER_MS = 600 * SECOND_MS;
/** No lifecycle rule of a store's own deletes what was marked for less (infra/). */
export const OWN_RULE_AFTER_MS = DAY_MS;
/** Marks without a message of which a run that cannot settle them knows the names; while there are more, every request waits for its erasure. */
export const MAX_UNSETTLED = 10_000;
/** Things of one entry: what is told to be about to be done before it is. */
export const MAX_BATCH_THINGS = 500;
/** Messages that are changed at once. */
export const WORK_CONCURRENCY = 16;
/** A region that has not said by then that it is up is down. */
export const CHECK_TIMEOUT_MS = 5 * SECOND_MS;
/** Messages of a package that are fetched before their turn, from any region. */
export const EXPORT_AHEAD = 8;
/** Only what is no larger is: a larger one is opened in its turn, so that nothing stays open while others are read. */
export const MAX_AHEAD_BYTES = 512 * 1024;
/** Requests of which it is told at once where they are. */
export const MAX_TOLD_AT_ONCE = 500;
/** Requests that are erased after one wait, before a request that came meanwhile has its turn. */
export const MAX_ERASED_AT_ONCE = 100;
/** Attempts to append an entry that other processes came before with theirs. */
export const MAX_APPEND_ATTEMPTS = 100;
/** The pauses between them: a process that appends without end has gaps, and each attempt may meet one. */
export const APPEND_PAUSE: BackoffBounds = { baseMs: 20, maxMs: SECOND_MS };
