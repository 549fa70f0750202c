import { DatabaseSync } from 'node:sqlite';

/** What a log keeps of a record. */
export interface LogRow {
  readonly key: string | null;
  readonly headers: string | null;
  readonly value: Uint8Array;
}

/** A table that records are appended to: what a log in SQLite comes down to, and no more. */
export interface LogTable {
  /** Inside a transaction. Any number of tables stands for any number of topics. */
  insert(row: LogRow): void;
  begin(): void;
  commit(): void;
  close(): void;
}

/** As the embedded log sets its file, so that the same rows cost the same. */
export const LOG_PRAGMAS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA secure_delete = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -16000;
`;

export function openLogTable(file: string): LogTable {
  const db = new DatabaseSync(file);
  db.exec(LOG_PRAGMAS);
  db.exec(`CREATE TABLE records (
    offset INTEGER PRIMARY KEY, appended_at INTEGER NOT NULL, key TEXT, headers TEXT, value BLOB) STRICT`);
  const insert = db.prepare('INSERT INTO records (appended_at, key, headers, value) VALUES (?, ?, ?, ?)');
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  return {
    insert: ({ key, headers, value }) => void insert.run(Date.now(), key, headers, value),
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    close: () => db.close(),
  };
}

/** Appends rows in so many transactions, alike in size. */
export function appendIn(table: LogTable, rows: readonly LogRow[], transactions: number): void {
  for (let index = 0; index < transactions; index += 1) {
    const [from, to] = [index, index + 1].map((part) => Math.floor((part * rows.length) / transactions));
    table.begin();
    for (const row of rows.slice(from, to)) table.insert(row);
    table.commit();
  }
}
