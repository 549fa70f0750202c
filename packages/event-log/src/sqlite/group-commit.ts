import type { StatementSync } from 'node:sqlite';
import type { Clock } from '@voicemail/runtime';
import type { LogError } from '../log-error.ts';
import type { NewRecord, Position } from '../port.ts';
import { MAX_TRANSACTION_BYTES, PROGRESS_RETRY_MS } from './limits.ts';
import type { LogFile } from './log-file.ts';
import { sqliteError } from './sqlite-error.ts';
import type { TopicStore } from './topic-store.ts';

/** One call of `append`; never split over two transactions. */
export interface AppendCall {
  readonly records: readonly {
    readonly store: TopicStore;
    readonly record: NewRecord;
    /** JSON, or null for none. */
    readonly headers: string | null;
    readonly bytes: number;
  }[];
  readonly bytes: number;
}

interface Waiting {
  readonly call: AppendCall;
  readonly resolve: (positions: readonly Position[]) => void;
  readonly reject: (error: LogError) => void;
}

interface Flush {
  readonly resolve: () => void;
  readonly reject: (error: LogError) => void;
}

/**
 * Writes in groups: the appends of one turn of the event loop are one transaction, and so one wait for the disk. The
 * offsets of finished records ride along; without an append they are written after `commitDelayMs`, or at a `flush`.
 * A transaction that fails is undone as a whole and every append in it is rejected; noted offsets stay noted.
 */
export class GroupCommit {
  readonly #file: LogFile;
  readonly #clock: Clock;
  readonly #commitDelayMs: number;
  readonly #appended: (stores: ReadonlySet<TopicStore>) => void;
  readonly #writeOffset: StatementSync;
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];
  #flushes: Flush[] = [];
  /** By group: what is not on the disk yet. */
  readonly #noted = new Map<string, Map<TopicStore, number>>();
  /** By group: what is on the disk. */
  readonly #committed = new Map<string, Map<TopicStore, number>>();
  #scheduled = false;
  #timed = false;
  /** Bytes of the last transaction that found the disk full, until one succeeds. */
  #fullAtBytes = 0;

  constructor(options: {
    readonly file: LogFile;
    readonly stores: readonly TopicStore[];
    readonly clock: Clock;
    readonly commitDelayMs: number;
    /** Told after each commit which topics have new records. */
    readonly appended: (stores: ReadonlySet<TopicStore>) => void;
  }) {
    this.#file = options.file;
    this.#clock = options.clock;
    this.#commitDelayMs = options.commitDelayMs;
    this.#appended = options.appended;
    this.#writeOffset = options.file.prepare(
      `INSERT INTO progress (topic, consumer_group, next_offset) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset`,
    );
    const byId = new Map(options.stores.map((store) => [store.id, store]));
    for (const row of options.file.all('SELECT topic, consumer_group, next_offset FROM progress')) {
      const store = byId.get(Number(row['topic']));
      if (store !== undefined) put(this.#committed, String(row['consumer_group']), store, Number(row['next_offset']));
    }
  }

  append(call: AppendCall): Promise<readonly Position[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#schedule();
    });
  }

  /** Everything before `nextOffset` is done by the group. Becomes durable with a later transaction. */
  note(group: string, store: TopicStore, nextOffset: number): void {
    if (nextOffset <= this.committed(group, store)) return;
    put(this.#noted, group, store, nextOffset);
    this.#scheduleProgress(this.#commitDelayMs);
  }

  /** The first offset that the group has not durably committed. */
  committed(group: string, store: TopicStore): number {
    return this.#committed.get(group)?.get(store) ?? 0;
  }

  /** The least that any group which ever committed on the topic has; null where none has. */
  leastCommitted(store: TopicStore): number | null {
    let least: number | null = null;
    for (const stores of this.#committed.values()) {
      const next = stores.get(store);
      if (next !== undefined && (least === null || next < least)) least = next;
    }
    return least;
  }

  /** Resolves when everything noted before the call is durable. @throws LogError */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#flushes.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** Whether a transaction like the last one that found no room would find it now. @throws LogError */
  probe(): void {
    try {
      this.#file.transaction(() =>
        this.#file.all('REPLACE INTO probe (id, content) VALUES (1, zeroblob(?))', this.#fullAtBytes),
      );
      if (this.#fullAtBytes > 0) this.#file.transaction(() => this.#file.all('DELETE FROM probe'));
      this.#fullAtBytes = 0;
    } catch (error) {
      throw sqliteError('the log cannot be written', error);
    }
  }

  /** Writes what is waiting and starts no timer any more. @throws LogError when not all of it could be written. */
  async close(): Promise<void> {
    this.#closing.abort();
    let failure: unknown = null;
    do {
      try {
        await this.flush();
      } catch (error) {
        failure ??= error;
      }
    } while (this.#waiting.length > 0);
    if (failure !== null) throw failure;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#write();
    });
  }

  #scheduleProgress(delayMs: number): void {
    if (this.#timed || this.#closing.signal.aborted) return;
    this.#timed = true;
    void this.#clock.sleep(delayMs, this.#closing.signal).then(
      () => {
        this.#timed = false;
        if (this.#noted.size > 0) this.#schedule();
      },
      // Only closing ends the sleep, and closing writes what is noted.
      () => {},
    );
  }

  #take(): { readonly waiting: readonly Waiting[]; readonly bytes: number } {
    let count = 0;
    let bytes = 0;
    for (const { call } of this.#waiting) {
      if (count > 0 && bytes + call.bytes > MAX_TRANSACTION_BYTES) break;
      count += 1;
      bytes += call.bytes;
    }
    const waiting = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return { waiting, bytes };
  }

  #write(): void {
    const { waiting, bytes } = this.#take();
    const flushes = this.#flushes;
    this.#flushes = [];
    if (waiting.length === 0 && this.#noted.size === 0) {
      for (const flush of flushes) flush.resolve();
      return;
    }
    const touched = new Set<TopicStore>();
    try {
      const positions = this.#file.transaction(() => {
        const appendedAt = this.#clock.now();
        const all = waiting.map(({ call }) => call.records.map((item) => insert(item, appendedAt, touched)));
        this.#writeProgress();
        return all;
      });
      this.#moveNoted();
      if (bytes >= this.#fullAtBytes) this.#fullAtBytes = 0;
      for (const [index, { resolve }] of waiting.entries()) resolve(positions[index] ?? []);
      for (const flush of flushes) flush.resolve();
      if (touched.size > 0) this.#appended(touched);
    } catch (error) {
      const failure = sqliteError('the log could not take the records', error);
      for (const store of touched) store.spoil();
      if (failure.code === 'full') this.#makeRoom(bytes);
      for (const { reject } of waiting) reject(failure);
      for (const flush of flushes) flush.reject(failure);
      if (this.#noted.size > 0) this.#scheduleProgress(PROGRESS_RETRY_MS);
    }
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** Records lie in the write-ahead log and in the main file until it is emptied: that may be room enough. */
  #makeRoom(neededBytes: number): void {
    this.#fullAtBytes = Math.max(this.#fullAtBytes, neededBytes);
    try {
      this.#file.truncateWalIfRoom();
    } catch (error) {
      // The appends were refused already; this attempt was for the next ones, which will be told themselves.
      if (sqliteError('', error).code === 'unknown') throw error;
    }
  }

  #writeProgress(): void {
    for (const [group, stores] of this.#noted) {
      for (const [store, next] of stores) this.#writeOffset.run(store.id, group, next);
    }
  }

  #moveNoted(): void {
    for (const [group, stores] of this.#noted) {
      for (const [store, next] of stores) put(this.#committed, group, store, next);
    }
    this.#noted.clear();
  }
}

function insert(
  { store, record, headers, bytes }: AppendCall['records'][number],
  appendedAt: number,
  touched: Set<TopicStore>,
): Position {
  touched.add(store);
  const offset = store.append({ appendedAt, key: record.key, headers, value: record.value }, bytes);
  return { topic: record.topic, partition: 0, offset };
}

function put(map: Map<string, Map<TopicStore, number>>, group: string, store: TopicStore, next: number): void {
  const stores = map.get(group);
  if (stores === undefined) map.set(group, new Map([[store, next]]));
  else stores.set(store, next);
}
