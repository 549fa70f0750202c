import type { DatabaseSync } from 'node:sqlite';
import { MwiError } from '../mwi-error.ts';
import { classify } from './classify.ts';

/** Calls that share one transaction at most: bounds how long the event loop is held up. */
const MAX_CALLS_PER_COMMIT = 512;

interface Call {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: MwiError) => void;
}

export interface GroupCommit {
  /**
   * Runs `work` in a transaction that it shares with the other calls of this turn of the event loop; resolves when that is durable.
   * Work that throws is undone alone. @throws MwiError
   */
  run<T>(work: () => T): Promise<T>;
  /** Runs what waits; later calls are refused. */
  close(): void;
}

/** One fsync for many calls: a commit costs a disk's round trip, what it holds costs next to nothing. */
export function groupCommit(db: DatabaseSync): GroupCommit {
  const waiting: Call[] = [];
  let isClosed = false;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const mark = db.prepare('SAVEPOINT call');
  const keep = db.prepare('RELEASE call');
  const undo = db.prepare('ROLLBACK TO call');

  const runOne = (call: Call): (() => void) => {
    mark.run();
    try {
      const value = call.work();
      keep.run();
      return () => call.resolve(value as never);
    } catch (error) {
      // A full or failing disk ends the whole transaction: then the other calls are lost too.
      if (!db.isTransaction) throw error;
      undo.run();
      keep.run();
      return () => call.reject(classify(error));
    }
  };
  const flush = (): void => {
    const calls = waiting.splice(0, MAX_CALLS_PER_COMMIT);
    if (calls.length === 0) return;
    if (waiting.length > 0) setImmediate(flush);
    try {
      begin.run();
      const answers = calls.map(runOne);
      commit.run();
      for (const answer of answers) answer();
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      const reason = classify(error);
      for (const call of calls) call.reject(reason);
    }
  };

  return {
    run: (work) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new MwiError('closed', 'the counts were closed'));
        waiting.push({ work, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      }),
    close: () => {
      isClosed = true;
      while (waiting.length > 0) flush();
    },
  };
}
