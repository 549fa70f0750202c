import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { readDiskBytes } from './process-io.ts';
import type { DatabaseCounts, IoCounts } from './io-counts.ts';

/**
 * Counts, from its import on, what this process asks of its disks by `node:fs/promises` and `node:sqlite`. Imported before
 * everything that takes functions out of those modules: first of all, or by `node --import`. What it adds is an addition
 * beside each call. What failed is not counted.
 */
const files = { syncs: 0, filesMade: 0, foldersMade: 0, links: 0, removed: 0 };
/** By the name of the database file. */
const databases = new Map<string, { rows: number; commits: number }>();

type FileCount = keyof typeof files;

function counted<A extends unknown[], R>(
  call: (...parameters: A) => Promise<R>,
  count: FileCount,
  isCounted: (...parameters: A) => boolean = () => true,
): (...parameters: A) => Promise<R> {
  return async function (this: unknown, ...parameters: A): Promise<R> {
    const result = await Reflect.apply(call, this, parameters);
    if (isCounted(...parameters)) files[count] += 1;
    return result;
  };
}

const isMaking = (_path: unknown, flags?: string | number): boolean => typeof flags === 'string' && /[wa]/.test(flags);

async function countFiles(): Promise<void> {
  const handle = await fs.open(import.meta.filename, 'r');
  const prototype = Object.getPrototypeOf(handle) as Pick<typeof handle, 'sync' | 'datasync'>;
  await handle.close();
  prototype.sync = counted(prototype.sync, 'syncs');
  prototype.datasync = counted(prototype.datasync, 'syncs');
  fs.link = counted(fs.link, 'links');
  fs.rename = counted(fs.rename, 'links');
  fs.unlink = counted(fs.unlink, 'removed');
  fs.rmdir = counted(fs.rmdir, 'removed');
  fs.open = counted(fs.open, 'filesMade', isMaking);
  // Its overloads differ in what they return alone.
  fs.mkdir = counted(fs.mkdir as (...parameters: unknown[]) => Promise<never>, 'foldersMade') as typeof fs.mkdir;
  syncBuiltinESMExports();
}

function countDatabases(): void {
  const countsOf = (db: DatabaseSync): { rows: number; commits: number } => {
    const path = db.location() ?? '';
    const name = `${basename(dirname(path))}/${basename(path)}`;
    const counts = databases.get(name) ?? { rows: 0, commits: 0 };
    databases.set(name, counts);
    return counts;
  };
  const prepare = Reflect.get(DatabaseSync.prototype, 'prepare') as (...parameters: unknown[]) => StatementSync;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...parameters): StatementSync {
    const statement = Reflect.apply<DatabaseSync, unknown[], StatementSync>(prepare, this, parameters);
    const [sql] = parameters;
    const what = /^\s*COMMIT/i.test(sql) ? 'commits' : /^\s*(INSERT|UPDATE|DELETE|REPLACE)/i.test(sql) ? 'rows' : null;
    if (what === null) return statement;
    const counts = countsOf(this);
    const run = Reflect.get(statement, 'run') as (...values: unknown[]) => unknown;
    const value = (...values: unknown[]): unknown => {
      counts[what] += 1;
      return Reflect.apply(run, statement, values);
    };
    return Object.defineProperty(statement, 'run', { value });
  };
}

await countFiles();
countDatabases();

/** Everything so far, of this process. */
export function ioCounts(): IoCounts {
  const all = [...databases.values()];
  const total = (name: 'rows' | 'commits'): number => all.reduce((count, each) => count + each[name], 0);
  return { ...files, rows: total('rows'), commits: total('commits'), diskBytes: readDiskBytes(process.pid) };
}

/** So far, by database. */
export const databaseCounts = (): DatabaseCounts =>
  Object.fromEntries([...databases].map(([name, counts]) => [name, { ...counts }]));
