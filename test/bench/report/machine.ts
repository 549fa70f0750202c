import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

const GIB = 1_024 ** 3;
/** Magic numbers of statfs(2), for those that data folders lie on. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs',
  0x6969: 'nfs',
  0x794c7630: 'overlayfs',
};

/** Where a run was made. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted a core in the last minute: other programs' work is in all figures, and widens their ranges. */
  readonly load: number;
  readonly folder: string;
  readonly fileSystem: string;
}

/** @param folder where the data of the run lies. */
export async function machine(folder: string): Promise<Machine> {
  const { type } = await statfs(folder);
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / GIB),
    system: `${platform()} ${release()}`,
    node: process.version,
    load: loadavg()[0] ?? 0,
    folder,
    fileSystem: FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`,
  };
}
