import { CliError } from '../cli-error.ts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../command-context.ts';
import { DataFolderInUse, isAlive, readOwner } from '../embedded/owner.ts';
import { readText } from '../data-folder/private-file.ts';
import { givenToken } from '../token.ts';
import { createClient, type Client } from './client.ts';

/** How long a command waits for another one that owns the data folder, or for a server that is starting. */
const WAIT_FOR_OWNER_MS = 20_000;
const LOOK_AGAIN_MS = 100;
/** How long an owned folder's services may take to finish what the command began. */
const SETTLE_MS = 60_000;
const PING_TIMEOUT_MS = 2_000;
const NO_SERVER =
  'On Kafka and Redis a command goes to a server that runs: set VOICEMAIL_URL to its address, and VOICEMAIL_TOKEN.';

/**
 * Runs a command's work against a server: that of `VOICEMAIL_URL`; else the one that owns the data folder; else the command owns
 * the folder while it works, with the same services in this process, and stays until all that it caused is done.
 * @throws CliError; what opening the folder throws.
 */
export async function withServer<T>(context: CommandContext, work: (client: Client) => Promise<T>): Promise<T> {
  return withServerOrAlone(context, work, async () => {
    const { withOwnServer } = await import('./own-server.ts');
    return withOwnServer(context, work, SETTLE_MS);
  });
}

/**
 * Runs a command's work against a server, as `withServer` does, or in a way of its own where none runs.
 * @param alone owns the data folder for its time. @throws DataFolderInUse: then another look is taken for a server.
 */
export async function withServerOrAlone<T>(
  { clock, config }: CommandContext,
  work: (client: Client) => Promise<T>,
  alone: () => Promise<T>,
): Promise<T> {
  const untilMs = clock.monotonicMs() + WAIT_FOR_OWNER_MS;
  for (;;) {
    const running = await findServer(config);
    if (running !== null) return work(running);
    // What other processes share is not this command's to own.
    if (config.distributed !== null) throw new CliError(NO_SERVER);
    try {
      return await alone();
    } catch (error) {
      if (!(error instanceof DataFolderInUse)) throw error;
      if (clock.monotonicMs() >= untilMs) throw new CliError(error.message, { cause: error });
      await clock.sleep(LOOK_AGAIN_MS);
    }
  }
}

/** The server that runs, or null. @throws CliError where its token is not to be had. */
export async function findServer(config: Config): Promise<Client | null> {
  const url = config.serverUrl ?? (await liveOwnerUrl(config));
  return url === null ? null : createClient(url, await tokenFor(config));
}

/** Where the server of the data folder listens, if it is there and answers. */
async function liveOwnerUrl({ data }: Config): Promise<string | null> {
  const owner = await readOwner(data);
  if (owner?.url === null || owner?.url === undefined || !isAlive(owner.pid)) return null;
  return (await answers(owner.url)) ? owner.url : null;
}

/** Whether a voicemail server answers there. */
export async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(PING_TIMEOUT_MS) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch (error) {
    // fetch rejects with a TypeError when it cannot connect.
    if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')) return false;
    throw error;
  }
}

async function tokenFor(config: Config): Promise<string> {
  const { data } = config;
  const known = (await givenToken(config)) ?? (await readText(data.token));
  if (known !== null) return known;
  throw new CliError(
    `There is no token: ${data.token} is not there. Set VOICEMAIL_TOKEN to the server's, or DATA_DIR to its data folder.`,
  );
}
