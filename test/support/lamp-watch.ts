import { setTimeout as pause } from 'node:timers/promises';
import type { Lamp, Server } from './server.ts';

/** Somebody who looks at every lamp all the time, while messages only come in. */
export interface LampWatch {
  /** How often a lamp was seen with its last good counts, marked stale. */
  staleSeen(): number;
  /** @throws Error with every look at a lamp that said too little without being stale, zero, or that there is no such mailbox. */
  stop(): Promise<void>;
}

const BETWEEN_LOOKS_MS = 25;

export function watchLamps(server: Server, mailboxes: readonly string[]): LampWatch {
  const stopping = new AbortController();
  const most = new Map<string, number>();
  const wrong: string[] = [];
  let stale = 0;
  const look = async (mailbox: string): Promise<void> => {
    const answer = await server.call('GET', `/v1/mwi/${mailbox}`);
    const before = most.get(mailbox) ?? 0;
    if (!answer.ok) {
      await answer.arrayBuffer();
      // Not to be had now, or not counted again yet: nothing was said.
      if (answer.status !== 503) wrong.push(`${mailbox}: answered ${answer.status} after ${before}`);
      return;
    }
    const lamp = (await answer.json()) as Lamp;
    if (lamp.stale) stale += 1;
    if (lamp.new < before && (!lamp.stale || lamp.new === 0)) wrong.push(`${mailbox}: ${lamp.new} after ${before}`);
    if (!lamp.stale) most.set(mailbox, Math.max(before, lamp.new));
  };
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      for (const mailbox of mailboxes) await look(mailbox);
      await pause(BETWEEN_LOOKS_MS);
    }
  })();
  watching.catch(() => undefined);
  return {
    staleSeen: () => stale,
    stop: async () => {
      stopping.abort();
      await watching;
      if (wrong.length > 0) throw new Error(`lamps said too little:\n${wrong.join('\n')}`);
    },
  };
}
