import type { MwiView } from '@voicemail/contracts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { lampLine } from '../output/words.ts';
import { CallError, type Client } from '../server/client.ts';
import { findServer } from '../server/with-server.ts';
import { everyMailbox, findLamp } from './lamps.ts';

/** A blink. */
const LOOK_EVERY_MS = 250;

/** Prints each lamp as it is, then a line for each change; with `--json` one document a line. Ends with the process. */
export async function watchLamps(context: CommandContext, mailbox: string | undefined): Promise<void> {
  const { clock, config, terminal, json } = context;
  const client = await findServer(config);
  if (client === null) {
    throw new CliError('Nothing runs that could be watched. Start it (voicemail start), or set VOICEMAIL_URL.');
  }
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const changed = mailbox === undefined ? watchAll(client) : watchOne(client, mailbox);
  let isAway = false;
  while (!stopping.signal.aborted) {
    try {
      for (const lamp of await changed()) {
        terminal.print(json ? `${JSON.stringify(lamp)}\n` : `${lampLine(lamp, terminal)}\n`);
      }
      isAway = false;
    } catch (error) {
      // A refusal stays one; a server that is away may come back.
      if (!(error instanceof CliError) || (error instanceof CallError && error.status < 500)) throw error;
      if (!isAway) terminal.error(`${error.message} Looking again.\n`);
      isAway = true;
    }
    await clock.sleep(LOOK_EVERY_MS, stopping.signal).catch(() => undefined);
  }
}

/** Gives the lamps that changed since it was last asked, at first all there are. */
type Changes = () => Promise<readonly MwiView[]>;

function watchOne(client: Client, mailbox: string): Changes {
  let shown = '';
  return async () => {
    const lamp = await findLamp(client, mailbox);
    if (lamp === null || faceOf(lamp) === shown) return [];
    shown = faceOf(lamp);
    return [lamp];
  };
}

/** Looks at the list of mailboxes, and only then at the lamps of those whose counts changed. */
function watchAll(client: Client): Changes {
  const shown = new Map<string, string>();
  return async () => {
    const lamps: MwiView[] = [];
    for await (const { mailbox, counts } of everyMailbox(client)) {
      const face = JSON.stringify(counts);
      if (counts === null || shown.get(mailbox) === face) continue;
      const lamp = await findLamp(client, mailbox);
      if (lamp === null) continue;
      shown.set(mailbox, face);
      lamps.push(lamp);
    }
    return lamps;
  };
}

const faceOf = ({ revision, stale }: MwiView): string => `${revision} ${stale}`;
