import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { bar } from '../output/bar.ts';
import { progress } from '../output/progress.ts';
import type { Client } from '../server/client.ts';

const LOOK_EVERY_MS = 200;

/** As much of any long work as is needed to follow it. */
export interface StorageWork {
  readonly state: 'running' | 'done' | 'failed';
  readonly reason: string | null;
  readonly items: readonly StorageWorkItem[];
}

interface StorageWorkItem {
  readonly tenant: string;
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly failed: number;
  readonly failures: readonly {
    readonly mailbox?: string;
    readonly messageId?: string;
    readonly deadLetter?: string;
    readonly why: string;
  }[];
}

/** Has the server do long work, and follows it to its end. What was begun goes on in the server when the command is ended. */
export async function doneByServer<W extends StorageWork>(
  context: CommandContext,
  client: Client,
  path: string,
  body: unknown,
): Promise<W> {
  const json =
    body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
  const begun = await client.call<W>('POST', path, json);
  return followed(context, begun, () => client.call<W>('GET', path));
}

/** Looks at long work until it is over, and shows how far it is. */
export async function followed<W extends StorageWork>(
  { clock, terminal }: CommandContext,
  begun: W,
  look: () => Promise<W>,
): Promise<W> {
  const shown = progress(terminal);
  let work = begun;
  try {
    while (work.state === 'running') {
      const item = work.items.find(({ phase }) => phase !== 'done');
      if (item !== undefined) shown.say(lineOf(item, terminal.isErrorTerminal));
      await clock.sleep(LOOK_EVERY_MS);
      work = await look();
    }
  } finally {
    shown.done();
  }
  return work;
}

/** Where nobody watches, a line for each tenth: not one for each look. */
function lineOf({ tenant, phase, done, total }: StorageWorkItem, isWatched: boolean): string {
  const where = `${tenant}: ${phase}`;
  if (total === null) return isWatched && done > 0 ? `${where} ${done}` : where;
  return isWatched ? `${where} ${bar(done, total)}` : `${where} ${tenths(done, total)} %`;
}

const tenths = (done: number, total: number): number =>
  total === 0 ? 100 : Math.min(100, Math.floor((10 * done) / total) * 10);

/** The lines that tell what could not be done. */
export function failureLines({ failed, failures }: StorageWorkItem): readonly string[] {
  const lines = failures.map(({ mailbox, messageId, deadLetter, why }) => {
    const what =
      deadLetter === undefined
        ? messageId === undefined
          ? ''
          : `message ${messageId} of mailbox ${mailbox}: `
        : `dead letter ${deadLetter}: `;
    return `  ${what}${why}`;
  });
  return failed > failures.length ? [...lines, `  and ${failed - failures.length} more`] : lines;
}

/** @throws CliError for work that could not be completed. */
export function mustNotHaveFailed({ state, reason }: StorageWork): void {
  if (state === 'failed')
    throw new CliError(`${reason ?? 'It failed.'}\nRun the command again: it goes on where it stopped.`);
}
