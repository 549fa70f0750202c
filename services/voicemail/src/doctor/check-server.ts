import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { LogError, openSqliteLog } from '@voicemail/event-log';
import type { HealthReport } from '@voicemail/runtime';
import type { CommandContext } from '../command-context.ts';
import { DataFolderInUse, readOwner } from '../embedded/owner.ts';
import { failedWith } from '../data-folder/private-file.ts';
import { CallError } from '../server/client.ts';
import { answers, findServer } from '../server/with-server.ts';
import { checkBackbone } from './check-backbone.ts';
import { fine, look, wrong, type Finding } from './finding.ts';

const READY_TIMEOUT_MS = 10_000;

/** The server, where one should run or does; else what a start would need: the log, and the port. */
export async function checkServer(context: CommandContext): Promise<readonly Finding[]> {
  const { config } = context;
  const name = 'server';
  if (config.serverUrl !== null && !(await answers(config.serverUrl))) {
    return [wrong(name, `${config.serverUrl} does not answer`, 'Start the server, or put VOICEMAIL_URL right.')];
  }
  const client = await findServer(config);
  if (client === null && config.distributed !== null) {
    return [
      fine(name, 'none is named: set VOICEMAIL_URL to look at one that runs'),
      ...(await checkBackbone(context, config.distributed)),
      await checkPort(context),
    ];
  }
  if (client === null) {
    return [
      fine(name, 'none runs: commands open the data folder by themselves'),
      await checkLog(context),
      await checkPort(context),
    ];
  }
  return [
    fine(name, `runs at ${client.url}`),
    ...(await checkReadiness(client.url)),
    await look('token', 'Set VOICEMAIL_TOKEN to the token of the server.', async () => {
      await client.call('GET', '/v1/mailboxes?limit=1').catch((error: unknown) => {
        // What the server cannot do now, its readiness tells; it looked at the token first.
        if (!(error instanceof CallError) || error.status < 500) throw error;
      });
      return fine('token', 'is accepted by the server');
    }),
  ];
}

/** What the server says of itself, thing by thing. */
async function checkReadiness(url: string): Promise<readonly Finding[]> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
  const { checks } = (await answer.json()) as Partial<HealthReport>;
  if (checks === undefined) return [wrong('readiness', `answered ${answer.status}`, 'Look at the log of the server.')];
  return checks.map(({ name, ok, detail }) =>
    ok
      ? fine(`server: ${name}`, 'works')
      : wrong(`server: ${name}`, detail ?? 'does not work', 'Put that right; the server goes on by itself.'),
  );
}

function checkLog({ config, clock, ids }: CommandContext): Promise<Finding> {
  const name = 'log';
  const { data } = config;
  return look(name, `Look at the disk and at the rights of ${data.log}.`, async () => {
    if (!(await isThere(data.log))) return fine(name, 'is not there yet: the first start makes it');
    try {
      const log = await openSqliteLog({ file: data.log, topics: [], clock, ids });
      try {
        await log.check();
      } finally {
        await log.close();
      }
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'in-use')) throw error;
      const { message } = new DataFolderInUse(data, await readOwner(data));
      return wrong(name, 'another process has it', message);
    }
    return fine(name, `${data.log} can be read and written`);
  });
}

/** Whether a start could listen. */
function checkPort({ config }: CommandContext): Promise<Finding> {
  const { host, port } = config;
  const name = 'port';
  return look(name, 'Set PORT to another one, or stop the program that has it.', async () => {
    const server = createServer().listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return fine(name, `${port} is free on ${host}`);
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return false;
    throw error;
  }
}
