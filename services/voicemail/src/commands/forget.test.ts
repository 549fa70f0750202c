import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  afterTest,
  freePort,
  openSpawned,
  openTempFolder,
  recording,
  searchBytes,
  type Spawned,
} from '@voicemail/testing';
import { expect, it } from 'vitest';

const MAIN = 'services/voicemail/src/main.ts';
const CALLER = '+15551212000';
const AFTER_A_DAY = { CLOCK_OFFSET: 'PT25H', FORGET_SCHEDULE: '0 0 1 1 *' };

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

it('the rule is run by a command beside a server, and without one, until the request is erased', async () => {
  const folder = await openTempFolder();
  await afterTest(() => folder[Symbol.asyncDispose]());
  const dataDir = join(folder.path, 'data');
  const port = await freePort();
  const base = { DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn' };
  const begin = async (args: readonly string[], env = {}): Promise<Spawned> => {
    const command = openSpawned({ command: [MAIN, ...args], env: { ...base, ...env } });
    await afterTest(() => command[Symbol.asyncDispose]());
    return command;
  };
  const run = async (args: readonly string[], env = {}): Promise<Ended> => {
    const command = await begin(args, env);
    const { code } = await command.exited;
    return { code, stdout: command.stdout(), stderr: command.stderr() };
  };
  const wav = join(folder.path, 'hello.wav');
  await writeFile(wav, (await recording('wav-pcm', 1)).bytes);
  const server = await begin(['start']);
  const url = `http://127.0.0.1:${port}`;
  await server.waitUntilReady(url);
  expect((await run(['deposit', wav, '--mailbox', '9876', '--caller', CALLER])).code).toBe(0);
  const token = (await readFile(join(dataDir, 'token'), 'utf8')).trim();
  const asked = await fetch(`${url}/v1/gdpr/forgetme?waitSeconds=60`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ consumer: [{ phone: CALLER }] }),
  });
  expect(await asked.json()).toMatchObject({ status: 'marked' });

  expect((await run(['forget', 'run'])).stdout).toBe(
    'Deleted: 0 messages. 1 marked is kept: not due yet, under a legal hold, or in a region that cannot be reached.\n',
  );
  const at = new Date(Date.now() + 2 * 86_400_000).toISOString();
  const preview = await run(['--json', 'forget', 'run', '--dry-run', '--at', at]);
  expect(JSON.parse(preview.stdout)).toMatchObject({
    deleted: 1,
    kept: 0,
    items: [{ tenant: 't100', mailbox: '9876', region: 'westus2' }],
  });
  for (const wrong of [
    ['--at', at],
    ['--dry-run', '--at', 'soon'],
  ]) {
    const refused = await run(['forget', 'run', ...wrong]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^voicemail: --at /);
  }
  await server.stop();

  const ran = await run(['forget', 'run'], AFTER_A_DAY);
  expect(ran.stdout).toMatch(/^TENANT +MAILBOX +MESSAGE +REGION\nt100 +9876 +\S+ +westus2\nDeleted: 1 message\.\n$/);
  expect(await searchBytes([CALLER.slice(1)], [join(dataDir, 'regions')])).toEqual([]);
}, 120_000);
