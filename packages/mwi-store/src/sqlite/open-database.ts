import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * `generation` is '' (unknown), the token of a recount under way, or 'known'. `waiting_since` is when the last recount was begun.
 * What waits is found by an index that holds nothing else.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS mailboxes (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    generation TEXT NOT NULL,
    waiting_since INTEGER NOT NULL,
    new INTEGER NOT NULL,
    old INTEGER NOT NULL,
    urgent_new INTEGER NOT NULL,
    urgent_old INTEGER NOT NULL,
    settings TEXT NOT NULL,
    revision INTEGER NOT NULL,
    published_revision INTEGER NOT NULL,
    as_of INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS mailboxes_by_number ON mailboxes (tenant, length(mailbox), mailbox);
  CREATE INDEX IF NOT EXISTS mailboxes_unsettled ON mailboxes (waiting_since, id)
    WHERE generation <> 'known' OR revision > published_revision;
  CREATE TABLE IF NOT EXISTS entries (
    mailbox_id INTEGER NOT NULL REFERENCES mailboxes (id),
    message_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    urgent INTEGER NOT NULL,
    gone_at INTEGER,
    PRIMARY KEY (mailbox_id, message_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_gone ON entries (gone_at) WHERE gone_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS users (
    tenant TEXT NOT NULL,
    user TEXT NOT NULL,
    mailbox_id INTEGER NOT NULL REFERENCES mailboxes (id),
    PRIMARY KEY (tenant, user, mailbox_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS checks (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
`;

/**
 * Opens the file, made if there is none, for this process alone: a second writer would have to wait, and waiting freezes the event
 * loop. EXCLUSIVE comes before WAL, so that there is no shared-memory file either.
 */
export function openDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA secure_delete = ON;
      PRAGMA foreign_keys = ON;
    `);
    // The lock is taken by the first write, so that a second process is told here and not at its first fact.
    db.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT; PRAGMA wal_checkpoint(TRUNCATE);`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
