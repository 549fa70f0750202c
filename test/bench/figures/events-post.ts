import { join } from 'node:path';
import { binaryRecord, freePort } from '@voicemail/testing';
import { appendIn, openLogTable } from '../bare/log-table.ts';
import type { Figure } from '../figure.ts';
import { postAll, type Target } from '../load/client.ts';
import { someAudio, someDeposit } from '../load/deposits.ts';
import { depositRequests } from '../load/requests.ts';
import { comparison, type Aim, type Comparison, type Measured } from '../measure/comparison.ts';
import { ioCounts } from '../measure/count-io.ts';
import { since } from '../measure/io-counts.ts';
import { perSecond, rounds } from '../measure/rounds.ts';
import { startChild, type Child } from '../processes/child.ts';
import { waitUntilCounted } from '../processes/drained.ts';
import { startServer, waitUntilReady } from '../processes/server.ts';

const AUDIO_BYTES = 8 * 1_024;
const CONNECTIONS = 64;
/** So many that the first round, which does not count, leaves compiled code behind. */
const DEPOSITS = 6_000;
const QUICK_SHARE = 0.1;
/** Fewer for the whole server: they have to be stored before the next round. */
const DEPOSITS_AT_WORK = 1_000;
const ACCEPTED = 202;
const TOKEN = 'bench';
/** As long as a deposit's headers are in the log. */
const SOME_HEADERS = JSON.stringify(binaryRecord(someDeposit('post', 0, new Uint8Array())).headers);
const INTAKE = new URL('../processes/intake-alone.ts', import.meta.url);
const BARE = new URL('../bare/http-server.ts', import.meta.url);

/** One round of each: they take turns, so that a slow moment of the machine is everybody's. */
interface Turn {
  readonly atWork: Posted;
  readonly alone: Posted;
  readonly http: Posted;
  readonly loop: Measured;
}

interface Posted extends Measured {
  /** The server's CPU time for one deposit: what other programs do meanwhile is not in it. */
  readonly cpuUs: number;
}

export const eventsPost: Figure = {
  name: 'events-post',
  about: 'durable deposits/s through POST /v1/events ÷ a bare HTTP server, and ÷ a bare loop, of the same inserts',
  run: async (context) => {
    const share = context.quick ? QUICK_SHARE : 1;
    const [count, countAtWork] = [DEPOSITS * share, DEPOSITS_AT_WORK * share];
    const audio = someAudio(AUDIO_BYTES);
    await using server = await startServer(await context.folder());
    await using intake = await startListener(INTAKE, await context.folder(), TOKEN);
    await using bare = await startListener(BARE, join(await context.folder(), 'bare.sqlite'));
    const table = openLogTable(join(await context.folder(), 'loop.sqlite'));
    const rows = Array.from({ length: count }, () => ({ key: 't100/1000', headers: SOME_HEADERS, value: audio }));
    const turns = await rounds(context, 'events-post', async (round): Promise<Turn> => {
      const post = (to: Listener, many: number): Promise<Posted> =>
        posted(to, depositRequests(to.target, `post-${round}`, many, audio));
      const atWork = await post(server, countAtWork);
      await waitUntilCounted(server, (round + 1) * countAtWork);
      const alone = await post(intake, count);
      const http = await post(bare, count);
      const before = ioCounts();
      const value = await perSecond(count, async () => appendIn(table, rows, alone.io?.commits ?? count));
      return { atWork, alone, http, loop: { value, io: since(before, ioCounts()), count } };
    });
    table.close();
    return compareAll(turns);
  },
};

type Listener = Child & { readonly target: Target };

/** Starts a module that listens on a port; it is called with its first argument, the port and, if any, the token. */
async function startListener(module: URL, first: string, token?: string): Promise<Listener> {
  const port = await freePort();
  const child = startChild({ module, arguments: [first, String(port), token ?? ''] });
  await waitUntilReady(child, `http://127.0.0.1:${port}`);
  return { ...child, target: { port, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } } };
}

/** Sends all, and waits for the last answer. */
async function posted(to: Listener, requests: readonly Buffer[]): Promise<Posted> {
  const before = await to.counts();
  const value = await perSecond(requests.length, () => postAll(to.target, requests, CONNECTIONS, ACCEPTED));
  const after = await to.counts();
  const cpuUs = (after.cpuUs - before.cpuUs) / requests.length;
  return { value, io: since(before.io, after.io), count: requests.length, cpuUs };
}

function compareAll(turns: readonly Turn[]): readonly Comparison[] {
  const names = {
    atWork: 'the whole server, which stores and counts meanwhile',
    alone: 'the intake alone: the API on the log, with no consumer',
    http: 'a bare node:http server with the same inserts',
    loop: 'a bare loop without HTTP, in as many transactions as the intake',
  };
  const compare = (name: string, ours: 'atWork' | 'alone', beside: 'http' | 'loop', aim?: Aim): Comparison =>
    comparison(
      { name, unit: 'deposits/s', ours: names[ours], beside: names[beside], ...(aim === undefined ? {} : { aim }) },
      turns.map((turn) => ({ ours: turn[ours], beside: turn[beside] })),
    );
  const cpu = comparison(
    { name: 'events-post, intake ÷ bare HTTP', unit: 'µs of CPU', ours: names.alone, beside: names.http },
    turns.map(({ alone, http }) => ({ ours: { value: alone.cpuUs }, beside: { value: http.cpuUs } })),
  );
  return [
    compare('events-post, intake ÷ bare HTTP', 'alone', 'http', { atLeast: 0.7 }),
    cpu,
    compare('events-post, intake ÷ bare loop', 'alone', 'loop'),
    compare('events-post, server ÷ bare HTTP', 'atWork', 'http', { atLeast: 0.7 }),
    compare('events-post, server ÷ bare loop', 'atWork', 'loop'),
  ];
}
