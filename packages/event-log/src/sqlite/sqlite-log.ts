import { Buffer } from 'node:buffer';
import type { Clock, Ids } from '@voicemail/runtime';
import { LogError } from '../log-error.ts';
import type { EventLog, Lag, LogRecord, NewRecord, Position, SubscribeOptions, Subscription } from '../port.ts';
import { Cleaner } from './cleaner.ts';
import { GroupCommit, type AppendCall } from './group-commit.ts';
import { SqliteHolding } from './holding.ts';
import { PAGE_RECORDS } from './limits.ts';
import type { LogFile } from './log-file.ts';
import { sqliteError } from './sqlite-error.ts';
import { SqliteSubscription } from './subscription.ts';
import type { TopicStore } from './topic-store.ts';

export interface SqliteLogParts {
  readonly file: LogFile;
  /** Every topic in the file, also those that are not used any more: they are still cleaned. */
  readonly stores: readonly TopicStore[];
  /** Names of the topics in use. */
  readonly names: ReadonlySet<string>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  readonly maxRecordBytes: number;
  readonly commitDelayMs: number;
  readonly tombstoneRetentionMs: number;
}

interface Member {
  readonly group: string;
  readonly stores: readonly TopicStore[];
  readonly subscription: SqliteSubscription;
}

/** The embedded log: one file, one process, one partition a topic. See `openSqliteLog`. */
export class SqliteLog implements EventLog {
  readonly #parts: SqliteLogParts;
  readonly #stores: ReadonlyMap<string, TopicStore>;
  readonly #commit: GroupCommit;
  readonly #cleaner: Cleaner;
  readonly #members = new Set<Member>();
  #cleaning: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteLogParts) {
    this.#parts = parts;
    const { file, stores, clock, commitDelayMs } = parts;
    this.#stores = new Map(
      stores.filter(({ settings }) => parts.names.has(settings.name)).map((s) => [s.settings.name, s]),
    );
    this.#commit = new GroupCommit({ file, stores, clock, commitDelayMs, appended: (touched) => this.#wake(touched) });
    this.#cleaner = new Cleaner({ ...parts, commit: this.#commit });
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    this.#assertOpen();
    if (records.length === 0) return [];
    return this.#commit.append(this.#call(records));
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    this.#assertOpen();
    assertBounds(options);
    const stores = [...new Set(options.topics)].map((topic) => this.#store(topic));
    for (const member of this.#members) {
      const shared = member.group === options.group && stores.find((store) => member.stores.includes(store));
      if (shared) {
        throw new LogError(
          'in-use',
          `group ${options.group} already has a subscriber of ${shared.settings.name} in this process; stop that one first`,
        );
      }
    }
    const subscription = new SqliteSubscription({
      options,
      stores,
      commit: this.#commit,
      clock: this.#parts.clock,
      ids: this.#parts.ids,
      holding: options.isFenced === true ? new SqliteHolding((records) => this.append(records)) : null,
      released: () => this.#members.delete(member),
    });
    const member: Member = { group: options.group, stores, subscription };
    this.#members.add(member);
    return subscription;
  }

  read(topic: string, options: { readonly fromOffset?: number } = {}): AsyncIterable<LogRecord> {
    this.#assertOpen();
    const store = this.#store(topic);
    return this.#records(store, options.fromOffset ?? 0, store.nextOffset);
  }

  async *#records(store: TopicStore, from: number, end: number): AsyncGenerator<LogRecord> {
    for (let next = from; next < end;) {
      this.#assertOpen();
      const heads = this.#reading(() => store.heads(next, PAGE_RECORDS));
      for (const { offset } of heads) {
        if (offset >= end) return;
        this.#assertOpen();
        const record = this.#reading(() => store.get(offset));
        if (record !== undefined) yield record;
        next = offset + 1;
      }
      if (heads.length === 0) return;
    }
  }

  async lag(group: string, topics: readonly string[]): Promise<readonly Lag[]> {
    this.#assertOpen();
    const stores = topics.map((topic) => this.#store(topic));
    await this.#commit.flush();
    return this.#reading(() => stores.map((store) => this.#lagOf(group, store)));
  }

  #lagOf(group: string, store: TopicStore): Lag {
    const committed = this.#commit.committed(group, store);
    const [oldest] = store.heads(committed, 1);
    return {
      topic: store.settings.name,
      partition: 0,
      waiting: oldest === undefined ? 0 : store.count(oldest.offset),
      oldestAppendedAt: oldest?.appendedAt ?? null,
    };
  }

  clean(): Promise<number> {
    const run = async (): Promise<number> => {
      this.#assertOpen();
      try {
        await this.#flushIfRoom();
        return await this.#cleaner.run();
      } catch (error) {
        throw sqliteError('the log could not be cleaned', error);
      }
    };
    const result = this.#cleaning.then(run);
    // One run at a time; each caller gets its own outcome, and the next run does not mind how the last one ended.
    this.#cleaning = result.catch(() => {});
    return result;
  }

  /** On a full disk the offsets that are durable already are enough to clean by, and cleaning makes room. */
  async #flushIfRoom(): Promise<void> {
    try {
      await this.#commit.flush();
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'full')) throw error;
    }
  }

  async check(): Promise<void> {
    this.#assertOpen();
    this.#commit.probe();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { file } = this.#parts;
    await this.#cleaning;
    const stops = [...this.#members].map(({ subscription }) => subscription.stop(0));
    const outcomes = await Promise.allSettled([...stops, this.#commit.close()]);
    try {
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      file.truncateWalIfRoom();
    } catch (error) {
      throw sqliteError('the log was closed, but not all of it was written', error);
    } finally {
      file.close();
    }
  }

  #call(records: readonly NewRecord[]): AppendCall {
    let total = 0;
    const items = records.map((record) => {
      const store = this.#store(record.topic);
      const headers = record.headers === undefined ? null : JSON.stringify(record.headers);
      const bytes = bytesOf(record, headers);
      if (bytes > this.#parts.maxRecordBytes) {
        throw new LogError(
          'too-large',
          `a record of ${record.topic} has ${bytes} bytes; ${this.#parts.maxRecordBytes} are the most the log takes`,
        );
      }
      total += bytes;
      return { store, record, headers, bytes };
    });
    return { records: items, bytes: total };
  }

  #store(topic: string): TopicStore {
    const store = this.#stores.get(topic);
    if (store === undefined) throw new LogError('unknown-topic', `the log has no topic ${topic}`);
    return store;
  }

  #wake(touched: ReadonlySet<TopicStore>): void {
    for (const member of this.#members) {
      if (member.stores.some((store) => touched.has(store))) member.subscription.wake();
    }
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw sqliteError('the log cannot be read', error);
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new LogError('closed', 'the log was closed');
  }
}

/** As `Segment.heads` says it of a record that is read. */
function bytesOf({ key, value }: NewRecord, headers: string | null): number {
  return (value?.byteLength ?? 0) + Buffer.byteLength(key ?? '') + Buffer.byteLength(headers ?? '');
}

function assertBounds(options: SubscribeOptions): void {
  const { topics, maxInFlight, maxBatch = 1, maxBufferedRecords, maxBufferedBytes } = options;
  if (topics.length === 0) throw new RangeError('a subscription needs a topic');
  for (const [name, value] of Object.entries({ maxInFlight, maxBatch, maxBufferedRecords, maxBufferedBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1 on`);
  }
}
