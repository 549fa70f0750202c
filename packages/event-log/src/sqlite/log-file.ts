import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { LogError } from '../log-error.ts';
import { sqliteError } from './sqlite-error.ts';

/** Written into the file's header, so that another program's database is not taken for a log. */
const APPLICATION_ID = 0x766d6c67;
const SCHEMA_VERSION = 1;
const AUTO_VACUUM_INCREMENTAL = 2;
const SCHEMA = `
  CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, settings TEXT NOT NULL) STRICT;
  CREATE TABLE segments (id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, first_offset INTEGER NOT NULL) STRICT;
  CREATE TABLE progress (
    topic INTEGER NOT NULL, consumer_group TEXT NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, consumer_group)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE probe (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * The one database file of an embedded log: owned by this process alone, every commit on the disk before it returns.
 *
 * All work on it is synchronous, and a statement is never left open: an open reader would keep the write-ahead log,
 * and with it erased bytes. Nothing else in this process may open and close the file: on POSIX that would let go of
 * the lock.
 */
export class LogFile {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;

  private constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
  }

  /** @throws LogError `in-use`, `incompatible` (another program's or a later version's file), `full`, `unavailable`. */
  static async open(path: string): Promise<LogFile> {
    const doing = `cannot open the log ${path}`;
    try {
      await createPrivately(path);
      const file = new LogFile(new DatabaseSync(path), path);
      try {
        file.#prepare();
        return file;
      } catch (error) {
        file.#db.close();
        throw error;
      }
    } catch (error) {
      throw sqliteError(doing, error);
    }
  }

  #prepare(): void {
    // Exclusive before WAL: then the index of the WAL lives in memory, and no second process gets past this line.
    this.#db.exec('PRAGMA locking_mode = EXCLUSIVE');
    // Only where it is not so yet: it is written into the file, and a full disk must not keep the log from opening.
    if (this.#pragma('auto_vacuum') !== AUTO_VACUUM_INCREMENTAL) this.#db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    this.#db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA secure_delete = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -16000;
    `);
    const version = this.#pragma('user_version');
    const applicationId = this.#pragma('application_id');
    const isNew = version === 0 && applicationId === 0 && this.#pragma('schema_version') === 0;
    if (!isNew && applicationId !== APPLICATION_ID) {
      throw new LogError('incompatible', `${this.#path} is not a voicemail log; move it away or name another file`);
    }
    if (version > SCHEMA_VERSION) {
      throw new LogError(
        'incompatible',
        `${this.#path} was written by a later version (schema ${version}, this one knows ${SCHEMA_VERSION}); start that version`,
      );
    }
    this.transaction(() => {
      if (isNew) this.#db.exec(SCHEMA);
    });
    this.truncateWalIfRoom();
  }

  #pragma(name: string): number {
    return Number(this.#db.prepare(`PRAGMA ${name}`).get()?.[name]);
  }

  prepare(sql: string): StatementSync {
    return this.#db.prepare(sql);
  }

  /** Runs one statement that is not worth keeping prepared. */
  all(sql: string, ...values: (string | number)[]): Record<string, SQLOutputValue>[] {
    return this.#db.prepare(sql).all(...values);
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** Commits what `work` did, durably, or nothing of it. @throws what `work` or the database threw. */
  transaction<T>(work: () => T): T {
    // Left over where even undoing failed, as a broken disk makes it.
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /**
   * Moves everything into the main file and empties the write-ahead log, so that erased bytes are in neither.
   * @throws LogError `unavailable` when something still reads.
   */
  truncateWal(): void {
    const outcome = this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    if (outcome?.['busy'] !== 0) {
      throw new LogError('unavailable', `the write-ahead log of ${this.#path} is being read and could not be emptied`);
    }
  }

  /**
   * Does the same where the main file has room to grow. Where the disk is full, nothing is lost by leaving the records
   * in the write-ahead log: they are read from there, and whoever erases calls `truncateWal`.
   */
  truncateWalIfRoom(): void {
    try {
      this.truncateWal();
    } catch (error) {
      if (sqliteError('', error).code !== 'full') throw error;
    }
  }

  /** Bytes of the file that hold nothing. */
  freeBytes(): number {
    return this.#pragma('freelist_count') * this.#pragma('page_size');
  }

  close(): void {
    this.#db.close();
  }
}

/** Recordings lie in it: nobody but the owner may read it. SQLite gives its write-ahead log the same mode. */
async function createPrivately(path: string): Promise<void> {
  try {
    await (await open(path, 'ax', 0o600)).close();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
