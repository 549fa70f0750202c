import type { Region } from '@voicemail/contracts';
import {
  clockOffset,
  cron,
  duration,
  logLevel,
  path,
  port,
  readConfig,
  url,
  type Environment,
  type LogLevel,
  type Schedule,
} from '@voicemail/runtime';
import { z } from 'zod';
import { DEFAULT_REGION_VARIABLES, defaultRegionOf, faultsOfDefaultRegion } from './default-region.ts';
import {
  DISTRIBUTED_VARIABLES,
  distributedOf,
  faultsOfDistributed,
  type Distributed,
} from './distributed/variables.ts';
import { dataFolder, type DataFolder } from './data-folder/data-folder.ts';
import { faultsOfToken, TOKEN_CHARACTERS, TOKEN_PATTERN } from './token.ts';

/** Everything that `voicemail` reads from the environment (CONTRACT section 10). */
export interface Config {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly data: DataFolder;
  readonly tenantsFile: string;
  /** null: that of `tokenFile`, or the one in the data folder. */
  readonly token: string | null;
  /** null: none is named. A file that is named must be there. */
  readonly tokenFile: string | null;
  /** Where a server runs that commands talk to; null: the embedded one of the data folder. */
  readonly serverUrl: string | null;
  /** null: the one in the data folder, made at the first start. A file that is named must be there. */
  readonly callerHashKeyFile: string | null;
  readonly clockOffsetMs: number;
  /** When the deletion rule runs. */
  readonly forgetSchedule: Schedule;
  /** After its mark nothing puts a message's deletion off any longer. */
  readonly forgetHardDeadlineMs: number;
  readonly logLevel: LogLevel;
  /** What tenants get that name no region of their own; null: each must name its regions. */
  readonly defaultRegion: Region | null;
  /** null: embedded, the log and the counts are in the data folder. */
  readonly distributed: Distributed | null;
}

/** An IP address or a host name. */
const HOST_PATTERN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?)$/;

/** A message that is marked stays at least this long. */
const DAY_MS = 86_400_000;

const Variables = z.object({
  HOST: z
    .string()
    .regex(HOST_PATTERN, 'must be an IP address or a host name')
    .meta({ example: '127.0.0.1' })
    .prefault('127.0.0.1'),
  PORT: port().prefault('8081'),
  DATA_DIR: path().prefault('./data'),
  TENANTS_FILE: path().optional(),
  VOICEMAIL_TOKEN: z.string().regex(TOKEN_PATTERN, `must be a bearer token: ${TOKEN_CHARACTERS}`).optional(),
  VOICEMAIL_TOKEN_FILE: path().optional(),
  VOICEMAIL_URL: url({ example: 'http://127.0.0.1:8081' }).optional(),
  CALLER_HASH_KEY_FILE: path().optional(),
  CLOCK_OFFSET: clockOffset().prefault('PT0S'),
  FORGET_SCHEDULE: cron().prefault('0 * * * *'),
  FORGET_HARD_DEADLINE: duration({ leastMs: DAY_MS, example: 'P7D' }).prefault('P7D'),
  LOG_LEVEL: logLevel().prefault('info'),
  ...DEFAULT_REGION_VARIABLES,
  ...DISTRIBUTED_VARIABLES,
});

/** @throws InvalidConfig with every fault. */
export function readVoicemailConfig(env: Environment): Config {
  const read = readConfig(Variables, env, (given) => [
    ...faultsOfToken(given),
    ...faultsOfDefaultRegion(given),
    ...faultsOfDistributed(given),
  ]);
  const data = dataFolder(read.DATA_DIR);
  return Object.freeze({
    host: read.HOST,
    port: read.PORT,
    data,
    tenantsFile: read.TENANTS_FILE ?? data.tenants,
    token: read.VOICEMAIL_TOKEN ?? null,
    tokenFile: read.VOICEMAIL_TOKEN_FILE ?? null,
    serverUrl: read.VOICEMAIL_URL ?? null,
    callerHashKeyFile: read.CALLER_HASH_KEY_FILE ?? null,
    clockOffsetMs: read.CLOCK_OFFSET,
    forgetSchedule: read.FORGET_SCHEDULE,
    forgetHardDeadlineMs: read.FORGET_HARD_DEADLINE,
    logLevel: read.LOG_LEVEL,
    defaultRegion: defaultRegionOf(read),
    distributed: distributedOf(read),
  });
}
