import { readFileSync } from 'node:fs';

/** A number out of one of a process's files under /proc; null on a system without them, or for a process that ended. */
function field(pid: number, file: string, pattern: RegExp): number | null {
  try {
    const found = pattern.exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    return found?.[1] === undefined ? null : Number(found[1]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}

/** Bytes that a process made dirty on its disks so far. */
export const readDiskBytes = (pid: number): number | null => field(pid, 'io', /^write_bytes: (\d+)$/m);

/** The most memory that a process ever had resident, in bytes. */
export function readPeakRssBytes(pid: number): number | null {
  const kib = field(pid, 'status', /^VmHWM:\s+(\d+) kB$/m);
  return kib === null ? null : kib * 1_024;
}
