import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Ids } from '@voicemail/runtime';
import type { Config } from '../config.ts';
import {
  failedWith,
  makePrivateFolder,
  readText,
  removeTemporaries,
  writePrivately,
} from '../data-folder/private-file.ts';
import { SetupFault } from '../setup-fault.ts';
import { givenToken } from '../token.ts';

const KEY_BYTES = 32;
const TOKEN_BYTES = 32;
const REGIONS = ['westus2', 'westeurope'];

/** The tenant of a fresh installation (CONTRACT sections 2 and 10). Its volumes are relative to the data folder. */
const FIRST_TENANT = {
  name: 't100',
  tenant_id: 't100',
  tenant_uuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
  status: 'ACTIVE',
  default_country: 'US',
  access_number: '5555',
  sip_domain: 'voice.example.com',
  master_region: REGIONS[0],
  regions: REGIONS.map((name) => ({ name, storage: { interface: 'FileSystem', root: `regions/${name}` } })),
};

export interface Secrets {
  readonly token: string;
  /** The text of the caller-hash key file. */
  readonly callerHashKey: string;
}

/**
 * Writes what a fresh data folder lacks, and reads its secrets. A start that a crash cut short is finished by the next
 * one: until a store was seen, whatever is missing or empty is made. After that a missing tenants' file or key is a loss,
 * and is never replaced by a fresh one: recordings would be out of sight, or their callers not found.
 *
 * The caller owns the data folder.
 * @throws SetupFault that names what is missing and what to do.
 */
export async function firstStart(config: Config, ids: Pick<Ids, 'token'>): Promise<Secrets> {
  const { data, tenantsFile } = config;
  await makePrivateFolder(data.seen);
  await removeTemporaries(data.root);
  await removeTemporaries(data.seen);
  const isFirst = (await readdir(data.seen)).length === 0;

  const callerHashKey = await readOrMakeKey(config, isFirst, ids);
  if ((await readText(tenantsFile)) === null) {
    if (!isFirst) throw missing('tenants’ file', tenantsFile, 'the mailboxes of its tenants would be out of sight');
    await mkdir(dirname(tenantsFile), { recursive: true });
    await write(tenantsFile, `${JSON.stringify([FIRST_TENANT], null, 2)}\n`, ids);
  }
  return { token: (await givenToken(config)) ?? (await readOrMakeToken(data.token, ids)), callerHashKey };
}

async function readOrMakeKey(config: Config, isFirst: boolean, ids: Pick<Ids, 'token'>): Promise<string> {
  const named = config.callerHashKeyFile;
  const path = named ?? config.data.callerHashKey;
  const there = await readText(path);
  if (there !== null) return there;
  if (named !== null) {
    throw new SetupFault(
      `CALLER_HASH_KEY_FILE names ${path}, which is not there or empty. Mount the file (base64 of 32 bytes a line), or unset the variable.`,
    );
  }
  if (!isFirst) throw missing('caller-hash key', path, 'with another key the callers of stored messages are not found');
  const key = randomBytes(KEY_BYTES).toString('base64');
  await write(path, `${key}\n`, ids);
  return key;
}

async function readOrMakeToken(path: string, ids: Pick<Ids, 'token'>): Promise<string> {
  const there = await readText(path);
  if (there !== null) return there;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await write(path, `${token}\n`, ids);
  return token;
}

async function write(path: string, text: string, ids: Pick<Ids, 'token'>): Promise<void> {
  try {
    await writePrivately(path, text, ids);
  } catch (error) {
    if (!failedWith(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR')) throw error;
    throw new SetupFault(
      `${path} is not there, and cannot be written: give the process the right to, or put it there.`,
      {
        cause: error,
      },
    );
  }
}

const missing = (what: string, path: string, otherwise: string): SetupFault =>
  new SetupFault(`The ${what} ${path} is gone: put it back from a backup. It is not made anew, for ${otherwise}.`);
