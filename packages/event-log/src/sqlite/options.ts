import type { Clock, Ids } from '@voicemail/runtime';
import type { TopicSettings } from '../port.ts';

export interface SqliteLogOptions {
  /** The database file; made if absent, in a folder that exists. Its write-ahead log lies beside it as `<file>-wal`. */
  readonly file: string;
  /** Every topic that can be appended to or subscribed. Those that the file does not have yet are made. */
  readonly topics: readonly TopicSettings[];
  readonly clock: Clock;
  /** Where the jitter of retries comes from. */
  readonly ids: Pick<Ids, 'random'>;
  /** Key, header and value bytes of one record together; 16 MiB unless told. */
  readonly maxRecordBytes?: number;
  /** How long a finished record's offset may wait for an append to ride along with; 50 ms unless told. */
  readonly commitDelayMs?: number;
  /** Bytes of records after which a topic goes on in a new segment; 16 MiB unless told. */
  readonly segmentBytes?: number;
  /** How long a tombstone of a compacted topic stays, so that a slow reader still sees it; 24 h unless told. */
  readonly tombstoneRetentionMs?: number;
}
