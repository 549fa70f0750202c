import { DatabaseSync } from 'node:sqlite';
import { LOG_PRAGMAS } from './log-table.ts';

/** As the embedded counts set their file. */
export const COUNT_PRAGMAS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA secure_delete = ON;
`;

const COUNTS = `
  CREATE TABLE entries (mailbox TEXT NOT NULL, message TEXT NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL,
    urgent INTEGER NOT NULL, PRIMARY KEY (mailbox, message)) STRICT, WITHOUT ROWID;
  CREATE TABLE lamps (mailbox TEXT PRIMARY KEY, new INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

export interface Fact {
  readonly mailbox: string;
  readonly messageId: string;
  readonly state: string;
  readonly urgent: boolean;
  readonly revision: number;
}

/** What a projector of facts comes down to: facts read, entries and lamps put, lamps appended to a topic. */
export interface LampTables {
  /** Makes facts to be read, all at once. */
  addFacts(values: readonly Uint8Array[]): void;
  /** Reads the next fact and puts its entry. Inside a transaction of the counts. */
  countNext(): Fact;
  /** Puts one lamp. Inside a transaction of the counts. */
  putLamp(mailbox: string): void;
  /** Appends one lamp. Inside a transaction of the log. */
  publish(mailbox: string, value: string): void;
  /** Notes how far the facts were read. Inside a transaction of the log. */
  noteProgress(): void;
  inCounts(work: () => void): void;
  inLog(work: () => void): void;
  close(): void;
}

export function openLampTables(countsFile: string, logFile: string): LampTables {
  const counts = new DatabaseSync(countsFile);
  counts.exec(COUNT_PRAGMAS + COUNTS);
  const log = new DatabaseSync(logFile);
  log.exec(`${LOG_PRAGMAS}
    CREATE TABLE facts (offset INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
    CREATE TABLE published (offset INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL) STRICT;
    CREATE TABLE progress (topic INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL) STRICT;
    INSERT INTO progress VALUES (1, 0);`);
  const addFact = log.prepare('INSERT INTO facts (value) VALUES (?)');
  const fact = log.prepare('SELECT value FROM facts WHERE offset = ?');
  const publish = log.prepare('INSERT INTO published (key, value) VALUES (?, ?)');
  const progress = log.prepare('UPDATE progress SET next_offset = ? WHERE topic = 1');
  const putEntry = counts.prepare(
    `INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO UPDATE SET revision = ?3, state = ?4, urgent = ?5 WHERE revision < ?3`,
  );
  const putLamp = counts.prepare(
    `INSERT INTO lamps VALUES (?1, 1, ?2) ON CONFLICT DO UPDATE SET new = new + 1, revision = ?2`,
  );
  let next = 1;

  const inTransactionOf = (db: DatabaseSync): ((work: () => void) => void) => {
    const begin = db.prepare('BEGIN IMMEDIATE');
    const commit = db.prepare('COMMIT');
    return (work) => {
      begin.run();
      work();
      commit.run();
    };
  };
  const inLog = inTransactionOf(log);
  return {
    addFacts: (values) => inLog(() => values.forEach((value) => void addFact.run(value))),
    countNext: () => {
      const { value } = fact.get(next) as { value: Uint8Array };
      next += 1;
      const { data } = JSON.parse(Buffer.from(value).toString()) as { data: Fact };
      putEntry.run(data.mailbox, data.messageId, data.revision, data.state, data.urgent ? 1 : 0);
      return data;
    },
    putLamp: (mailbox) => void putLamp.run(mailbox, Date.now()),
    publish: (mailbox, value) => void publish.run(mailbox, Buffer.from(value)),
    noteProgress: () => void progress.run(next),
    inCounts: inTransactionOf(counts),
    inLog,
    close: () => {
      counts.close();
      log.close();
    },
  };
}
