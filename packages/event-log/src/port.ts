/** Header values are text, as every CloudEvents attribute is (CloudEvents Kafka binding §3.2.3). Names are lower case. */
export type LogHeaders = Readonly<Record<string, string>>;

/** What is appended. `key` decides the order: records of one key are handled one after the other. */
export interface NewRecord {
  readonly topic: string;
  readonly key: string | null;
  /** null is a tombstone: on a compacted topic it removes the key. */
  readonly value: Uint8Array | null;
  readonly headers?: LogHeaders;
}

/** Where a record is. Offsets grow within a partition and are never used twice. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface LogRecord extends Position {
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: LogHeaders;
  /** When the log took the record, by the log's clock, ms since the epoch (Kafka: LogAppendTime). */
  readonly appendedAt: number;
}

/** How a topic is cleaned (CONTRACT section 3). */
export type Cleanup =
  /** The last record of each key stays. */
  | { readonly kind: 'compact' }
  /** Records go by age. */
  | { readonly kind: 'delete'; readonly retentionMs: number }
  /** A record goes `afterMs` after it was taken if every group is done with it, and in any case after `retentionMs`. */
  | {
      readonly kind: 'trim';
      readonly afterMs: number;
      readonly retentionMs: number;
      readonly groups: readonly string[];
    };

export interface TopicSettings {
  readonly name: string;
  readonly cleanup: Cleanup;
  /** A retry topic: a record is handed to a subscriber when it has been in the log this long. */
  readonly delayMs?: number;
}

/** A member's right to append for one partition of its group: from when it got the partition until another member has it. */
export interface Holding {
  /**
   * As `EventLog.append`. Everything that a holding appends lies in the log before anything that a later holding of the same partition
   * does, also for readers that see what was never committed; and the later one is given to nobody before that is sure. So whoever reads
   * a state after it got its holding, and appends it, never puts an older state behind a newer one. All who append a key must do so by
   * the holding of the key's own partition.
   * @throws LogError as `EventLog.append`; `fenced`: another member has the partition, or will have it. Nothing was appended then, or
   * before anything of that member's.
   */
  append(records: readonly NewRecord[]): Promise<readonly Position[]>;
}

export interface SubscribeOptions {
  /** Consumer group: its members share the topics, and its progress outlives them. */
  readonly group: string;
  readonly topics: readonly string[];
  /** Handlers under way at once, over all keys. */
  readonly maxInFlight: number;
  /** Records of one key that are handed over together; 1 unless told. */
  readonly maxBatch?: number;
  /** Bounds of what is read ahead and not handled yet. */
  readonly maxBufferedRecords: number;
  readonly maxBufferedBytes: number;
  /** Whether there are holdings; then nothing of a partition is handed over before the member has its holding. */
  readonly isFenced?: boolean;
  /**
   * Handles records of one key, in order. When it rejects, the same records are handed over again after a pause with
   * backoff and jitter, for as long as it takes: nothing is skipped. Whoever wants a limit builds it (see `retrying`).
   * Once the partition's holding is over, that is left to the next member, and nobody is told.
   * @param holding of the records' partition; null unless `isFenced`.
   */
  readonly handle: (records: readonly LogRecord[], signal: AbortSignal, holding: Holding | null) => Promise<void>;
  /** Told of each rejection of `handle`, before the pause. */
  readonly onFailure?: (error: unknown, records: readonly LogRecord[], attempt: number) => void;
}

export interface Subscription {
  /** What this member may append by now for the partition of a key; null where another member has it, and unless `isFenced`. */
  holding(topic: string, key: string): Holding | null;
  /** Resolves when everything that was in the log at the call is handled and committed (delayed topics: what is due). */
  idle(): Promise<void>;
  /**
   * Takes nothing new, waits up to `graceMs` for what is in flight, commits the highest contiguous offsets, lets go.
   * What was not finished is aborted by the handler's signal and handed over again to the next subscriber.
   */
  stop(graceMs: number): Promise<void>;
}

export interface Lag {
  readonly topic: string;
  readonly partition: number;
  /** Records that the group has not committed. */
  readonly waiting: number;
  /** `appendedAt` of the oldest of them. */
  readonly oldestAppendedAt: number | null;
}

/**
 * A durable, partitioned log with consumer groups. At least once, in key order, in parallel across keys.
 * Offsets are committed up to the highest one before which everything is handled.
 */
export interface EventLog {
  /**
   * Appends. When it resolves, the records are durable; their positions come in the same order.
   * @throws LogError `unavailable` (retryable: nothing or something was appended), `full`, `too-large`, `unknown-topic`, `closed`.
   */
  append(records: readonly NewRecord[]): Promise<readonly Position[]>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** The records of a topic from the oldest kept (or `fromOffset`) to the end as it is at the call. Commits nothing. */
  read(topic: string, options?: { readonly fromOffset?: number }): AsyncIterable<LogRecord>;
  /** How far a group is behind, for each partition of the topics. */
  lag(group: string, topics: readonly string[]): Promise<readonly Lag[]>;
  /** Applies every topic's cleanup once. Returns how many records went. */
  clean(): Promise<number>;
  /** Resolves if the log can take and give records now. @throws LogError that says what cannot be done. */
  check(): Promise<void>;
  close(): Promise<void>;
}
