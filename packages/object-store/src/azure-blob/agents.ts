import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setImmediate as turn } from 'node:timers/promises';

/** The connections of one store. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  /** Closes them, those in use too. */
  readonly destroy: () => void;
}

/** How long a connection is kept without use: the service's front ends and what is before them close theirs after about two minutes. */
const IDLE_MS = 60_000;
/** By how much sooner than a server that says when it will: one that is busy closes late, and then on a request that has just come. */
const SOONER_MS = 3_000;

export function openAgents(): Agents {
  const options = { keepAlive: true, timeout: IDLE_MS, agentKeepAliveTimeoutBuffer: SOONER_MS };
  const [http, https] = [new HttpAgent(options), new HttpsAgent(options)];
  return {
    http,
    https,
    destroy: () => {
      http.destroy();
      https.destroy();
    },
  };
}

/**
 * A process that was busy or stopped for a while may hold connections that the server has closed since, and a request on one of those
 * fails. They are let go of when the event loop looks at them: at the end of its next turn, since this one's look may be over.
 */
export async function closedSeen(): Promise<void> {
  await turn();
  await turn();
}
