/**
 * A process that `leash.ts` starts. Its standard input names processes, perhaps with a folder (`+123 /tmp/a`, `-123`); when that closes,
 * their parent is gone, and it ends those that are left: politely, so that the client of a container engine ends its container, then for
 * good. Their folders go with them.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const GRACE_MS = 3_000;

const held = new Map<number, string>();
for await (const line of createInterface({ input: process.stdin })) {
  const [, sign, pid = '', folder = ''] = /^([+-])(\d+) ?(.*)$/.exec(line) ?? [];
  if (sign === '+') held.set(Number(pid), folder);
  else held.delete(Number(pid));
}

const signal = (pid: number, name: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
};
const pids = [...held.keys()];
for (const pid of pids) signal(pid, 'SIGTERM');
const untilMs = performance.now() + GRACE_MS;
while (performance.now() < untilMs && pids.some((pid) => signal(pid, 0))) await pause(50);
for (const pid of pids) signal(pid, 'SIGKILL');
const folders = [...held.values()].filter((folder) => folder !== '');
// One that was just killed may still be ending.
await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })));
