import type { Availability } from './availability.ts';
import type { RunningServer } from './launch.ts';

/** By the server's name. */
const running = new Map<string, Promise<RunningServer>>();

/**
 * One server for all who start it in this process, and it ends with the process: for tests that leave it as they found it, in files
 * that share a process. What they make on it has names of its own.
 */
export function shared<S extends RunningServer>(
  server: Availability<() => Promise<S>>,
): Availability<() => Promise<S>> {
  if (!server.available) return server;
  const { name } = server;
  return {
    ...server,
    start: async () => {
      const starting = running.getOrInsertComputed(name, () => server.start());
      // Whoever comes next may have more luck.
      starting.catch(() => running.delete(name));
      return { ...((await starting) as S), stop: async () => undefined };
    },
  };
}
