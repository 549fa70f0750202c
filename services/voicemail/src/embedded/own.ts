import { LogError, openSqliteLog, type EventLog, type TopicSettings } from '@voicemail/event-log';
import { DataFolderInUse, readOwner, removeOwner, writeOwner } from './owner.ts';
import { failedWith, makePrivateFolder } from '../data-folder/private-file.ts';
import { SetupFault } from '../setup-fault.ts';
import type { ServicesOptions } from '../server/open-services.ts';

/** What owning a data folder takes. */
export interface OwnOptions extends Pick<ServicesOptions, 'config' | 'clock' | 'ids' | 'command' | 'stops'> {
  readonly topics: readonly TopicSettings[];
}

/**
 * Makes this process the owner of the data folder, and gives its log: the lock on the log is what decides who owns the folder,
 * so the log is opened before anything else is read or written there.
 * @throws DataFolderInUse; SetupFault where the folder cannot be made or written.
 */
export async function ownDataFolder({ config, clock, ids, command, stops, topics }: OwnOptions): Promise<EventLog> {
  const { data } = config;
  const log = await openLog();
  stops.add('log', () => log.close());
  await writeOwner(data, { pid: process.pid, command, url: null }, ids);
  stops.add('ownership', () => removeOwner(data));
  return log;

  async function openLog(): Promise<EventLog> {
    try {
      await makePrivateFolder(data.root);
      return await openSqliteLog({ file: data.log, topics, clock, ids });
    } catch (error) {
      if (error instanceof LogError && error.code === 'in-use') throw new DataFolderInUse(data, await readOwner(data));
      if (failedWith(error, 'EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR')) {
        throw new SetupFault(
          `DATA_DIR ${data.root} cannot be used: it must be a folder that this process may write to.`,
          {
            cause: error,
          },
        );
      }
      throw error;
    }
  }
}
