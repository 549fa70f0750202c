/** Limits of the embedded log, in one place. What a caller may choose is in `SqliteLogOptions`; these are its defaults. */
export const DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024;
export const DEFAULT_COMMIT_DELAY_MS = 50;
export const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024;
export const DEFAULT_TOMBSTONE_RETENTION_MS = 24 * 60 * 60 * 1_000;

/** A segment of small records ends here, so that rewriting one stays quick. */
export const MAX_SEGMENT_RECORDS = 50_000;
/** Appends beyond this wait for the next transaction, so that one commit stays short. A call is never split. */
export const MAX_TRANSACTION_BYTES = 32 * 1024 * 1024;
/** Records whose place and key are read at once. */
export const PAGE_RECORDS = 256;
/**
 * Records of busy keys that are passed over to get at others once `maxBufferedRecords` are waiting; only their offsets
 * are kept.
 */
export const MAX_PASSED_OVER_RECORDS = 50_000;
/** Segments of one topic whose statements are kept prepared. */
export const MAX_PREPARED_SEGMENTS = 8;
/** Keys that one pass of a compaction looks at. */
export const MAX_COMPACTION_KEYS = 100_000;
/** Free pages kept for what comes; more are given back to the disk. */
export const KEPT_FREE_BYTES = 64 * 1024 * 1024;
/** Pages given back to the disk between two turns of the event loop. */
export const FREED_PAGES_PER_TURN = 1_024;
/** Pause before noted offsets are written again after a failed transaction. */
export const PROGRESS_RETRY_MS = 1_000;

/** Pauses of a subscription after a rejected `handle`. */
export const REDELIVERY_PAUSE = { baseMs: 100, capMs: 30_000 } as const;
/** Pauses after the file could not be read. */
export const READ_RETRY_PAUSE = { baseMs: 100, capMs: 5_000 } as const;
