import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@voicemail/testing';
import type { Context, Figure } from '../figure.ts';
import { comparison, type Round } from '../measure/comparison.ts';
import { rounds, seconds } from '../measure/rounds.ts';
import { startChild } from '../processes/child.ts';
import { startByNpx } from '../processes/npx.ts';
import { MAIN, waitUntilReady } from '../processes/server.ts';

const BARE = new URL('../bare/http-server.ts', import.meta.url);
const MS_PER_SECOND = 1_000;
const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

export const start: Figure = {
  name: 'start',
  about: 'seconds until ready: from the first line of our code, and from npx pnpm start; ÷ a bare HTTP server',
  run: async (context) => {
    const beside = 'a bare node:http server on an empty SQLite file';
    const ownCode = await rounds(context, 'start, own code', () => ownCodeRound(context));
    const npx = await rounds(context, 'start, npx', () => npxRound(context));
    return [
      comparison(
        {
          name: 'start, from the first line of code',
          unit: 's',
          ours: 'the server on a data folder that was used before',
          beside: `${beside}, from its first line`,
          aim: { atMost: 0.8 },
          aimOf: 'ours',
        },
        ownCode.map(({ fromFirstLine }) => fromFirstLine),
      ),
      comparison(
        {
          name: 'start, from the process',
          unit: 's',
          ours: '`node services/voicemail/src/main.ts start` until /readyz is 200',
          beside,
        },
        ownCode.map(({ fromProcess }) => fromProcess),
      ),
      comparison(
        {
          name: 'start, from npx',
          unit: 's',
          ours: '`npx -y pnpm@12 start` on an installed checkout until /readyz is 200',
          beside: `${beside}, by \`npx -y pnpm@12 exec node\``,
          aim: { atMost: 2.5 },
          aimOf: 'ours',
        },
        npx,
      ),
    ];
  },
};

/** One start of each by `node`. The folder is kept over the rounds: the first start, which makes it, warms up. */
async function ownCodeRound(context: Context): Promise<{ readonly fromFirstLine: Round; readonly fromProcess: Round }> {
  const folder = await usedFolder(context);
  const ours = await startedIn(MAIN, (port) => ({ args: ['start'], env: { DATA_DIR: folder, PORT: String(port) } }));
  const file = join(await context.folder(), 'bare.sqlite');
  const bare = await startedIn(BARE, (port) => ({ args: [file, String(port)], env: {} }));
  return {
    fromFirstLine: { ours: { value: ours.fromFirstLine }, beside: { value: bare.fromFirstLine } },
    fromProcess: { ours: { value: ours.fromProcess }, beside: { value: bare.fromProcess } },
  };
}

const folders = new WeakMap<Context, Promise<string>>();
function usedFolder(context: Context): Promise<string> {
  const folder = folders.get(context) ?? context.folder();
  folders.set(context, folder);
  return folder;
}

interface Started {
  readonly fromFirstLine: number;
  readonly fromProcess: number;
}

/** Both say `"startMs":n` of themselves: from their first line to their readiness. */
const START_MS = /"startMs":(\d+(?:\.\d+)?)/;

async function startedIn(
  module: URL,
  how: (port: number) => { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> },
): Promise<Started> {
  const port = await freePort();
  const { args, env } = how(port);
  await using cleanup = new AsyncDisposableStack();
  let child: ReturnType<typeof startChild> | undefined;
  const fromProcess = await seconds(async () => {
    child = cleanup.use(startChild({ module, arguments: args, env: { LOG_LEVEL: 'info', ...env }, counted: false }));
    await waitUntilReady(child, urlOf(port));
  });
  const said = START_MS.exec(child?.output() ?? '')?.[1];
  if (said === undefined) throw new Error(`${module.href} did not say how long its start took`);
  return { fromProcess, fromFirstLine: Number(said) / MS_PER_SECOND };
}

async function npxRound(context: Context): Promise<Round> {
  const dataDir = await usedFolder(context);
  const port = await freePort();
  const env = { DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn' };
  const ours = await timedByNpx(['start'], env, port, async () => {
    const owner = JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8')) as { pid: number };
    return owner.pid;
  });
  const barePort = await freePort();
  const file = join(await context.folder(), 'bare.sqlite');
  const bare = ['exec', 'node', 'test/bench/bare/http-server.ts', file, String(barePort)];
  const beside = await timedByNpx(bare, {}, barePort, async () => Number(await (await fetch(urlOf(barePort))).text()));
  return { ours: { value: ours }, beside: { value: beside } };
}

/** @param pidOf tells, once it is ready, which process does the work. */
async function timedByNpx(
  given: readonly string[],
  env: Readonly<Record<string, string>>,
  port: number,
  pidOf: () => Promise<number>,
): Promise<number> {
  const command = startByNpx(given, env);
  const took = await seconds(() =>
    waitUntilReady({ output: command.output, stop: async () => undefined }, urlOf(port)),
  );
  await command.stop(await pidOf());
  return took;
}
