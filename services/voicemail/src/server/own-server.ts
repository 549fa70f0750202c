import { createLogger } from '@voicemail/runtime';
import type { CommandContext } from '../command-context.ts';
import { openServices } from './open-services.ts';
import { createClient, type Client } from './client.ts';
import { stopList } from './stop-list.ts';

const STOP_MS = 9_000;

/**
 * Owns the data folder for the time of one command: the services of `voicemail start`, on a port of the loopback interface that
 * nobody else is told of.
 */
export async function withOwnServer<T>(
  { config, clock, ids, terminal, command }: CommandContext,
  work: (client: Client) => Promise<T>,
  settleMs: number,
): Promise<T> {
  const stops = stopList(clock);
  // What goes wrong is the command's to tell; of the services only what they cannot do is worth a line.
  const logger = createLogger({
    level: 'error',
    name: 'voicemail',
    clock,
    destination: { write: (line) => terminal.error(line) },
  });
  try {
    const listen = { host: '127.0.0.1', port: 0 };
    const own = await openServices({ config, clock, ids, logger, command, listen, isShared: false, stops });
    if (own.token === null) throw new TypeError('a server of a data folder has a token');
    const result = await work(createClient(own.url, own.token));
    const over = new AbortController();
    const late = clock.sleep(settleMs, over.signal).then(
      () => 'late' as const,
      // Only the abort below ends the sleep early, after the race is decided.
      () => 'over' as const,
    );
    const settled = own.settle();
    // What it meets after the race is decided is nobody's concern: the records are in the log.
    settled.catch(() => undefined);
    const outcome = await Promise.race([settled, late]);
    over.abort();
    if (outcome === 'late') {
      terminal.error('Some records could not be finished now. They are kept, and go on at the next start.\n');
    }
    return result;
  } finally {
    await stops.stopAll(STOP_MS);
  }
}
