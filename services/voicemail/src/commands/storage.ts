import type { Command } from 'commander';
import type { Run } from '../command-context.ts';
import { addStorageCopy } from './storage-copy.ts';
import { addStorageReindex } from './storage-reindex.ts';

/** Long work over the stores. */
export function addStorage(program: Command, run: Run): void {
  const storage = program.command('storage').description('long work over the stores of the regions');
  addStorageCopy(storage, run);
  addStorageReindex(storage, run);
}
