import { hostname } from 'node:os';
import { LogError, openKafkaLog, type TopicSettings } from '@voicemail/event-log';
import { openRedisMwiStore, type MwiStore } from '@voicemail/mwi-store';
import type { Clock, Ids, Logger, Shutdown } from '@voicemail/runtime';
import type { Config } from '../config.ts';
import type { Backbone } from '../server/backbone.ts';
import { makePrivateFolder, readText } from '../data-folder/private-file.ts';
import { SetupFault } from '../setup-fault.ts';
import { givenToken } from '../token.ts';
import type { Distributed } from './variables.ts';

export interface DistributedBackboneOptions {
  readonly config: Config;
  readonly distributed: Distributed;
  readonly topics: readonly TopicSettings[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly stops: Pick<Shutdown, 'add'>;
}

/**
 * The log on Kafka and the counts in Redis, which other processes share. The data folder is not owned: it holds what was learned of the
 * stores, and nothing that is lost with it.
 * @throws SetupFault where a file is not there, or topics have other settings than they must. LogError `unavailable`.
 */
export async function distributedBackbone(options: DistributedBackboneOptions): Promise<Backbone> {
  const { config, distributed, topics, clock, ids, logger, stops } = options;
  await makePrivateFolder(config.data.root);
  await makePrivateFolder(config.data.seen);
  const callerHashKey = await mustRead('CALLER_HASH_KEY_FILE', config.callerHashKeyFile ?? config.data.callerHashKey);
  await mustRead('TENANTS_FILE', config.tenantsFile);
  const token = await givenToken(config);
  const clientId = `voicemail-${hostname()}-${process.pid}`;
  const log = await openKafkaLog({ ...distributed.kafka, clientId, topics, clock, ids, logger }).catch(told);
  stops.add('log', () => log.close());
  const openMwi = (): Promise<MwiStore> => openRedisMwiStore({ ...distributed.redis, clock, ids });
  return { log, openMwi, token, callerHashKey };
}

/** What a person has to put right is told as such. */
function told(error: unknown): never {
  if (!(error instanceof LogError) || error.code !== 'incompatible') throw error;
  throw new SetupFault(error.message, { cause: error });
}

/** @throws SetupFault: where several processes share what is stored, none makes a file that all must have alike. */
async function mustRead(variable: string, path: string): Promise<string> {
  const text = await readText(path);
  if (text !== null) return text;
  throw new SetupFault(`${variable} is ${path}, which is not there or empty: mount the same file into every process.`);
}
