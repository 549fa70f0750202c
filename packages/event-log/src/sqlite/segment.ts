import type { StatementSync } from 'node:sqlite';
import type { LogRecord } from '../port.ts';
import type { LogFile } from './log-file.ts';

/** What is read ahead of a record: enough to queue it, without its value. */
export interface RecordHead {
  readonly offset: number;
  readonly key: string | null;
  readonly appendedAt: number;
  /** Bytes of its headers and value. */
  readonly bytes: number;
}

export interface Row {
  readonly appendedAt: number;
  readonly key: string | null;
  /** JSON, or null for none. */
  readonly headers: string | null;
  readonly value: Uint8Array | null;
}

/**
 * A run of a topic's records in a table of its own. Records are only ever added at its end, and go only with the whole
 * table: SQLite zeroes the pages of a dropped table (`secure_delete`), but where it moves rows between pages to fill
 * gaps it leaves copies of them in the unused part of a page, and those would outlive a `DELETE`.
 */
export class Segment {
  readonly id: number;
  readonly firstOffset: number;
  /** Value bytes and records: kept up while it is added to, otherwise as they were at the last `measure`. */
  bytes = 0;
  records = 0;
  readonly #file: LogFile;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: LogFile, id: number, firstOffset: number) {
    this.#file = file;
    this.id = id;
    this.firstOffset = firstOffset;
  }

  get table(): string {
    return `segment_${this.id}`;
  }

  /** Makes the table and enters it in the list. Inside a transaction. */
  static create(file: LogFile, topicId: number, firstOffset: number): Segment {
    const rows = file.all(
      'INSERT INTO segments (topic, first_offset) VALUES (?, ?) RETURNING id',
      topicId,
      firstOffset,
    );
    const segment = new Segment(file, Number(rows[0]?.['id']), firstOffset);
    // The value comes last: the columns before it are read without following a recording's overflow pages.
    file.exec(`CREATE TABLE ${segment.table} (
      offset INTEGER PRIMARY KEY, appended_at INTEGER NOT NULL, key TEXT, headers TEXT, value BLOB) STRICT`);
    return segment;
  }

  /** Inside a transaction. */
  drop(): void {
    this.release();
    this.#file.exec(`DROP TABLE ${this.table}`);
    this.#file.all('DELETE FROM segments WHERE id = ?', this.id);
  }

  insert(offset: number, row: Row): void {
    this.#prepared('INSERT INTO $ VALUES (?, ?, ?, ?, ?)').run(offset, row.appendedAt, row.key, row.headers, row.value);
  }

  /** Adds those records of `from` that are at `fromOffset` or after it. Inside a transaction. */
  copyTail(from: Segment, fromOffset: number): void {
    this.#file.all(
      `INSERT INTO ${this.table} SELECT * FROM ${from.table} WHERE offset >= ? ORDER BY offset`,
      fromOffset,
    );
  }

  copyOne(from: Segment, offset: number): void {
    this.#prepared(`INSERT INTO $ SELECT * FROM ${from.table} WHERE offset = ?`).run(offset);
  }

  heads(fromOffset: number, limit: number): RecordHead[] {
    const rows = this.#prepared(
      `SELECT offset, key, appended_at, ifnull(length(value), 0) + ifnull(length(headers), 0) AS bytes
       FROM $ WHERE offset >= ? ORDER BY offset LIMIT ?`,
    ).all(fromOffset, limit);
    return rows.map((row) => ({
      offset: Number(row['offset']),
      key: row['key'] as string | null,
      appendedAt: Number(row['appended_at']),
      bytes: Number(row['bytes']),
    }));
  }

  get(topic: string, offset: number): LogRecord | undefined {
    const row = this.#prepared('SELECT appended_at, key, headers, value FROM $ WHERE offset = ?').get(offset);
    if (row === undefined) return undefined;
    const headers = row['headers'] as string | null;
    return {
      topic,
      partition: 0,
      offset,
      key: row['key'] as string | null,
      value: row['value'] as Uint8Array | null,
      headers: headers === null ? {} : (JSON.parse(headers) as Record<string, string>),
      appendedAt: Number(row['appended_at']),
    };
  }

  /** One number, or null, from a query over the segment; `$` stands for its table. */
  number(sql: string, ...values: number[]): number | null {
    const row = this.#prepared(sql).get(...values);
    const value = row === undefined ? null : Object.values(row)[0];
    return value === null || value === undefined ? null : Number(value);
  }

  measure(): void {
    this.records = this.number('SELECT count(*) FROM $') ?? 0;
    this.bytes = this.number('SELECT sum(length(value)) FROM $') ?? 0;
  }

  /** Offset and key (and whether it is a tombstone) of every record: for compaction. */
  keys(): { offset: number; key: string | null; tombstone: boolean; appendedAt: number }[] {
    return this.#prepared('SELECT offset, key, value IS NULL AS tombstone, appended_at FROM $ ORDER BY offset')
      .all()
      .map((row) => ({
        offset: Number(row['offset']),
        key: row['key'] as string | null,
        tombstone: row['tombstone'] === 1,
        appendedAt: Number(row['appended_at']),
      }));
  }

  /** Lets go of the prepared statements; they are made again when they are needed. */
  release(): void {
    this.#statements.clear();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#file.prepare(sql.replace('$', this.table));
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
