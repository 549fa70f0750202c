import { setTimeout as pause } from 'node:timers/promises';
import { postDeposit, type Server } from './server.ts';

/** Publishers that deposit all the time, one for each mailbox, as those of the field do: what is not acknowledged is sent again. */
export interface Publishers {
  /** Of each mailbox, the ids of what was acknowledged so far. */
  readonly acknowledged: ReadonlyMap<string, readonly string[]>;
  /** Resolves when what is under way is acknowledged too. @throws Error for an answer that asks for no repetition. */
  stop(): Promise<void>;
}

const BETWEEN_DEPOSITS_MS = 500;
const BETWEEN_TRIES_MS = 100;

/** Each publisher goes to the servers in turn, so that all of them take part. */
export function publishers(servers: readonly Server[], mailboxes: readonly string[]): Publishers {
  const stopping = new AbortController();
  const acknowledged = new Map(mailboxes.map((mailbox) => [mailbox, new Array<string>()]));
  const publish = async (mailbox: string, index: number): Promise<void> => {
    const ids = acknowledged.get(mailbox) ?? [];
    for (let turn = index; !stopping.signal.aborted; turn += 1) {
      const messageId = `m${ids.length}`;
      const depositedAt = new Date().toISOString();
      while (!(await isTaken(servers[turn % servers.length], { mailbox, messageId, depositedAt }))) {
        turn += 1;
        await pause(BETWEEN_TRIES_MS);
      }
      ids.push(messageId);
      await pause(BETWEEN_DEPOSITS_MS);
    }
  };
  const all = Promise.all(mailboxes.map(publish));
  // Told by `stop`.
  all.catch(() => undefined);
  return {
    acknowledged,
    stop: async () => {
      stopping.abort();
      await all;
    },
  };
}

async function isTaken(server: Server | undefined, deposit: Parameters<typeof postDeposit>[1]): Promise<boolean> {
  if (server === undefined) throw new Error('there is no server to go to');
  const answer = await postDeposit(server, { ...deposit, callerId: '+15551212000' });
  const text = await answer.text();
  if (answer.status === 202) return true;
  if (answer.status !== 503) throw new Error(`a deposit was answered ${answer.status}: ${text}`);
  return false;
}
