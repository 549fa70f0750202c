/** Limits of the log on Kafka, in one place. What a caller may choose is in `KafkaLogOptions`; these are its defaults. */
export const DEFAULT_PARTITIONS = 12;
export const DEFAULT_SEGMENT_MS = 30 * 60 * 1_000;
/** What the frame of a record takes beside its key, value and headers: the brokers' limit is for both. */
export const RECORD_FRAME_BYTES = 16 * 1024;
export const DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024 - RECORD_FRAME_BYTES;

export const CONNECT_TIMEOUT_MS = 3_000;
export const REQUEST_TIMEOUT_MS = 30_000;
/** How the client tries again by itself: for 10 s or so, which is longer than a broker takes to come back. */
export const CLIENT_RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, multiplier: 2, factor: 0.2, retries: 14 };

/** How long a topic that was made may be unknown to a broker, and between two looks. */
export const TOPICS_KNOWN_LIMIT_MS = 15_000;
export const TOPICS_KNOWN_PAUSE_MS = 50;

/** Records that wait for their turn are sent together, up to so many bytes; a larger one goes alone. */
export const MAX_BATCH_BYTES = 1024 * 1024;
export const MAX_BATCH_RECORDS = 5_000;
/** What waits to be sent, over all partitions; more is refused. */
export const MAX_WAITING_BYTES = 256 * 1024 * 1024;
/** Bytes of one fetch of a reader. The first batch comes whole, however large. */
export const READ_FETCH_BYTES = 4 * 1024 * 1024;
/** Bytes of the fetch that looks at one record. */
export const LAG_FETCH_BYTES = 4 * 1024;
