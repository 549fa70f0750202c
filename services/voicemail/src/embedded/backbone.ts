import type { EventLog } from '@voicemail/event-log';
import { openSqliteMwiStore, type MwiStore } from '@voicemail/mwi-store';
import { firstStart } from './first-start.ts';
import { ownDataFolder, type OwnOptions } from './own.ts';

/** What every service stands on, and the deployment's secrets. */
export interface Backbone {
  readonly log: EventLog;
  /** For those services that need the counts. */
  readonly openMwi: () => Promise<MwiStore>;
  /** null: there is no token, and nobody gets in with one. */
  readonly token: string | null;
  /** The text of the caller-hash key file. */
  readonly callerHashKey: string;
}

/**
 * The log and the counts in a data folder that is this process's alone.
 * @throws DataFolderInUse, SetupFault: to be put right by a person.
 */
export async function embeddedBackbone(options: OwnOptions): Promise<Backbone> {
  const { config, clock, ids } = options;
  const log = await ownDataFolder(options);
  const secrets = await firstStart(config, ids);
  const openMwi = (): Promise<MwiStore> => openSqliteMwiStore({ file: config.data.mwi, clock, ids });
  return { log, openMwi, ...secrets };
}
