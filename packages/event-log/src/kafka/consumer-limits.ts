/** Limits of a subscription to Kafka, in one place. What a caller may choose is in `SubscribeOptions`. */

/** A member that says nothing for so long is removed from its group, and others take over its partitions. */
export const SESSION_TIMEOUT_MS = 6_000;
/** How often a member shows that it lives, at most; also how soon it notices that another one joins or leaves. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** How long a group waits for its members to join again, once one has come or gone. */
export const REBALANCE_TIMEOUT_MS = 30_000;
/** How long a member that lets go waits for the answer to its last commit, and for that to its leaving. */
export const PARTING_LIMIT_MS = 5_000;
/** How long it waits at least where it was given a grace, and that is over: twice this fits into what a service leaves of its time. */
export const MIN_PARTING_MS = 200;

/** The longest that a broker holds a fetch back when there is nothing. */
export const FETCH_WAIT_MS = 200;
/** Bytes of one answer, over all partitions of a broker. */
export const MAX_FETCH_BYTES = 10 * 1024 * 1024;
export const MIN_FETCH_BYTES = 1024 * 1024;
/** Bytes of one partition in an answer: no more than its share of the read-ahead, within these. */
export const MAX_PARTITION_FETCH_BYTES = 1024 * 1024;
export const MIN_PARTITION_FETCH_BYTES = 64 * 1024;
/** Partitions whose records are looked at at once. */
export const MAX_PARTITIONS_AT_ONCE = 256;

/** A transaction that takes longer is ended by the brokers: that of a member which died, where no other one takes its partition. */
export const TRANSACTION_TIMEOUT_MS = 10_000;

/** Pause between two commits. */
export const COMMIT_PAUSE_MS = 100;
/** Pause after a commit that failed. */
export const COMMIT_RETRY_MS = 1_000;
/** The shortest sleep of a delayed partition: many records become due one by one, and each waking fetches anew. */
export const MIN_DELAY_SLEEP_MS = 50;
/** The longest that a timer takes (setTimeout: 2^31 - 1 ms); a longer delay is slept in pieces. */
export const MAX_DELAY_SLEEP_MS = 2_147_483_647;

/** Pauses after a rejected `handle`. */
export const REDELIVERY_PAUSE = { baseMs: 100, capMs: 30_000 } as const;
/** Pauses before a member joins again that its client has given up. */
export const REJOIN_PAUSE = { baseMs: 500, capMs: 10_000 } as const;
/** Pauses between attempts to open the fence of a partition. */
export const FENCE_PAUSE = { baseMs: 100, capMs: 5_000 } as const;
/** How the client of the fences tries again: a transaction waits for a moment until the one before it is wholly over. */
export const FENCE_RETRY = {
  initialRetryTime: 10,
  maxRetryTime: 1_000,
  multiplier: 2,
  factor: 0.2,
  retries: 14,
} as const;
/** How the client tries again by itself. */
export const CLIENT_RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 } as const;
