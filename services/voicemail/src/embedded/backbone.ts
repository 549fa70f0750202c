import { openSqliteMwiStore, type MwiStore } from '@voicemail/mwi-store';
import type { Backbone } from '../server/backbone.ts';
import { firstStart } from './first-start.ts';
import { ownDataFolder, type OwnOptions } from './own.ts';

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
