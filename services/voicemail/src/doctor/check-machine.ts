import type { Stats } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '@voicemail/runtime';
import type { Config } from '../config.ts';
import { failedWith } from '../data-folder/private-file.ts';
import { fine, look, wrong, type Finding } from './finding.ts';

const LEAST_NODE = 26;
const LEAST_FREE_BYTES = 256 * 1024 * 1024;
/** File systems round, and a time server may put the clock back a little. */
const CLOCK_TOLERANCE_MS = 5_000;
const MIB = 1024 * 1024;

export function checkNode(): Finding {
  const { node } = process.versions;
  return Number(node.split('.', 1)[0]) >= LEAST_NODE
    ? fine('node', `version ${node}`)
    : wrong('node', `version ${node}`, `Use Node ${LEAST_NODE} or later; npx pnpm brings it.`);
}

/** The folder, its rights and its room. */
export function checkDataFolder({ data }: Config): Promise<Finding> {
  const name = 'data folder';
  return look(name, `Make ${data.root} a folder that this user may read and write.`, async () => {
    const found = await statOrNull(data.root);
    if (found === null) {
      const parent = await nearest(dirname(data.root));
      await access(parent, constants.W_OK);
      return fine(name, `${data.root} is not there yet: the first start makes it`);
    }
    if (!found.isDirectory()) return wrong(name, `${data.root} is no folder`, 'Set DATA_DIR to a folder.');
    await access(data.root, constants.R_OK | constants.W_OK | constants.X_OK);
    if ((found.mode & 0o077) !== 0) {
      const mode = (found.mode & 0o777).toString(8);
      return wrong(
        name,
        `${data.root} is open to others (mode ${mode})`,
        `Recordings are in it: chmod 700 ${data.root}`,
      );
    }
    const { bavail, bsize } = await statfs(data.root);
    const free = `${Math.floor((bavail * bsize) / MIB)} MiB free`;
    return bavail * bsize >= LEAST_FREE_BYTES
      ? fine(name, `${data.root}, ${free}`)
      : wrong(name, `${data.root}, ${free}`, `Make room: under ${LEAST_FREE_BYTES / MIB} MiB deposits may soon wait.`);
  });
}

/** A secret lies in it: nobody else may read it. */
export function checkSecret(name: string, path: string, absent: Finding): Promise<Finding> {
  return look(name, `Make ${path} readable for this user.`, async () => {
    const found = await statOrNull(path);
    if (found === null || found.size === 0) return absent;
    await access(path, constants.R_OK);
    return (found.mode & 0o077) === 0
      ? fine(name, path)
      : wrong(name, `${path} is open to others`, `Others can read the secret: chmod 600 ${path}`);
  });
}

/** Whether time goes on where it was. @param clock without an offset: files are stamped by the system. */
export function checkClock(config: Config, clock: Clock): Promise<Finding> {
  const name = 'clock';
  return look(name, 'Look at the time service of the machine.', async () => {
    const nowMs = clock.now();
    const written = await statOrNull(config.data.log);
    const now = new Date(nowMs).toISOString();
    if (written !== null && written.mtimeMs > nowMs + CLOCK_TOLERANCE_MS) {
      const last = new Date(written.mtimeMs).toISOString();
      return wrong(name, `${now}, but the log was written at ${last}`, 'The clock went back: set it, or wait.');
    }
    const offset = config.clockOffsetMs === 0 ? '' : `, moved by ${config.clockOffsetMs} ms (CLOCK_OFFSET)`;
    return fine(name, `${now}${offset}`);
  });
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return null;
    throw error;
  }
}

/** The nearest folder that is there. */
async function nearest(path: string): Promise<string> {
  return (await statOrNull(path)) === null ? nearest(dirname(path)) : path;
}
