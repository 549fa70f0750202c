/**
 * A process that `leash.ts` starts. Its standard input names processes (`+123`, `-123`); when that closes, their parent is gone, and it
 * ends those that are left: politely, so that the client of a container engine ends its container, then for good.
 */
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const GRACE_MS = 3_000;

const held = new Set<number>();
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) held.add(pid);
  else held.delete(pid);
}

const signal = (pid: number, name: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
};
for (const pid of held) signal(pid, 'SIGTERM');
const untilMs = performance.now() + GRACE_MS;
while (performance.now() < untilMs && [...held].some((pid) => signal(pid, 0))) await pause(50);
for (const pid of held) signal(pid, 'SIGKILL');
