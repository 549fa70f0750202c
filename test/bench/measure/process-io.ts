import { readFileSync, writeFileSync } from 'node:fs';

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

/** The most memory that a process had resident, in bytes: ever, or since the peak was forgotten. */
export const readPeakRssBytes = (pid: number): number | null => kib(pid, /^VmHWM:\s+(\d+) kB$/m);
/** The memory that a process has resident now, in bytes. */
export const readRssBytes = (pid: number): number | null => kib(pid, /^VmRSS:\s+(\d+) kB$/m);

function kib(pid: number, pattern: RegExp): number | null {
  const value = field(pid, 'status', pattern);
  return value === null ? null : value * 1_024;
}

/** Linux tells times in hundredths of a second, whatever its kernel counts in. */
const MS_PER_TICK = 10;

/** The time of its processors that a process took so far, in all its threads, its own and the system's for it, in ms (proc(5), `stat`). */
export function readCpuMs(pid: number): number | null {
  const nth = (number: number): number | null =>
    field(pid, 'stat', new RegExp(`\\) \\S+(?: -?\\d+){${number - 1}} (\\d+)`));
  const [user, system] = [nth(11), nth(12)];
  return user === null || system === null ? null : (user + system) * MS_PER_TICK;
}

/** Has a process of this user begin its peak of resident memory anew (proc(5), `clear_refs`). */
export function forgetPeakRss(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
