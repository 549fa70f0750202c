import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { concurrently } from '../load/concurrently.ts';
import { callerOf, mailboxOf } from '../load/deposits.ts';
import { COUNT_PRAGMAS } from './lamp-tables.ts';
import { openLogTable } from './log-table.ts';
import { openObjectFiles } from './object-files.ts';
import { shares } from './shares.ts';

/** What a server did for its deposits: counted on ours, so that the bare one does as much. */
export interface DepositWork {
  readonly deposits: number;
  readonly log: { readonly rows: number; readonly commits: number };
  readonly counts: { readonly rows: number; readonly commits: number };
}

/** Stores deposits as bare as it can be done: files, links and rows, with nothing read and nothing checked. */
export interface BareDeposits {
  store(load: string, work: DepositWork, audio: Uint8Array): Promise<void>;
  close(): void;
}

/** Deposits under way at once, as in the deposit consumer. */
const AT_ONCE = 32;
/** As long as a message's metadata, an entry of the caller index, and a fact or a lamp in the log are. */
const METADATA = Buffer.alloc(620, 'm');
const INDEX_ENTRY = Buffer.alloc(140, 'i');
const FACT = Buffer.alloc(520, 'f');

export async function openBareDeposits(folder: string): Promise<BareDeposits> {
  const files = await openObjectFiles(join(folder, 'region'));
  const log = openLogTable(join(folder, 'log.sqlite'));
  const counts = openCounts(join(folder, 'counts.sqlite'));

  const storeFiles = async (load: string, index: number, audio: Uint8Array): Promise<void> => {
    const [mailbox, id] = [mailboxOf(index), `${load}-${index}`];
    const message = ['t100', 'mailboxes', mailbox, 'messages', id];
    await files.put(['t100', 'index', 'caller_id', callerOf(index), mailbox], id, INDEX_ENTRY);
    await files.put(message, 'media.wav', audio);
    await files.put(message, 'metadata.json', METADATA);
  };
  return {
    store: async (load, work, audio) => {
      const logRows = shares(work.log.rows, work.log.commits);
      const countRows = shares(work.counts.rows, work.counts.commits);
      let [done, deposited, logCommits, countCommits] = [0, 0, 0, 0];
      const commitWhatIsDue = (): void => {
        const share = done / work.deposits;
        for (; logCommits < Math.round(share * work.log.commits); logCommits += 1) {
          log.begin();
          for (let row = 0; row < (logRows[logCommits] ?? 0); row += 1) {
            // As many rows are recordings as there are deposits; the others are small.
            const isDeposit = deposited < share * work.deposits;
            if (isDeposit) deposited += 1;
            log.insert({ key: 't100/1000', headers: null, value: isDeposit ? audio : FACT });
          }
          log.commit();
        }
        for (; countCommits < Math.round(share * work.counts.commits); countCommits += 1) {
          counts.commit(`${load}-${countCommits}`, countRows[countCommits] ?? 0);
        }
      };
      await concurrently(work.deposits, AT_ONCE, async (index) => {
        await storeFiles(load, index, audio);
        done += 1;
        commitWhatIsDue();
      });
    },
    close: () => {
      log.close();
      counts.close();
    },
  };
}

function openCounts(file: string): { commit(name: string, rows: number): void; close(): void } {
  const db = new DatabaseSync(file);
  db.exec(COUNT_PRAGMAS);
  db.exec(
    'CREATE TABLE entries (mailbox TEXT, message TEXT, state TEXT, PRIMARY KEY (mailbox, message)) WITHOUT ROWID',
  );
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const put = db.prepare(`INSERT INTO entries VALUES (?, ?, 'new')`);
  return {
    commit: (name, rows) => {
      begin.run();
      for (let row = 0; row < rows; row += 1) put.run(mailboxOf(row), `${name}-${row}`);
      commit.run();
    },
    close: () => db.close(),
  };
}
