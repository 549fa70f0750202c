import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterTest, freePort, openSpawned, openTempFolder, waitFor, type Spawned } from '@voicemail/testing';
import { beforeEach, describe, expect, it } from 'vitest';

const MAIN = 'services/voicemail/src/main.ts';
const CALLER = '+1 555 121 2000';
const MANY = 100;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let dataDir: string;
let url: string;
let env: Readonly<Record<string, string>>;
beforeEach(async () => {
  const folder = await openTempFolder();
  await afterTest(() => folder[Symbol.asyncDispose]());
  const port = await freePort();
  dataDir = join(folder.path, 'data');
  url = `http://127.0.0.1:${port}`;
  env = { DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn' };
});

async function begin(...args: readonly string[]): Promise<Spawned> {
  const command = openSpawned({ command: [MAIN, ...args], env });
  await afterTest(() => command[Symbol.asyncDispose]());
  return command;
}
async function run(...args: readonly string[]): Promise<Ended> {
  const command = await begin(...args);
  const { code } = await command.exited;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}
async function start(): Promise<Spawned> {
  const server = await begin('start');
  await server.waitUntilReady(url);
  return server;
}
async function call(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: string) {
  const token = (await readFile(join(dataDir, 'token'), 'utf8')).trim();
  return fetch(`${url}${path}`, {
    method,
    headers: { ...headers, authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
}
async function deposit(messageId: string, region = 'westus2'): Promise<void> {
  const headers = {
    'ce-specversion': '1.0',
    'ce-type': 'voicemail.deposit.v1',
    'ce-source': '/test',
    'ce-id': messageId,
    'ce-time': new Date().toISOString(),
    'ce-tenant': 't100',
    'ce-region': region,
    'ce-mailbox': '9876',
    'ce-callerid': encodeURIComponent(CALLER),
    'content-type': 'audio/wav',
  };
  const answer = await call('POST', '/v1/events/voicemail.deposits', headers, `RIFF sound of ${messageId}`);
  expect(answer.status).toBe(202);
}
interface Message {
  readonly messageId: string;
  readonly region: string;
}
const messages = async (): Promise<readonly Message[]> => {
  const answer = await call('GET', '/v1/mailboxes/9876/messages?limit=1000');
  return ((await answer.json()) as { items: Message[] }).items;
};
const untilStored = (count: number): Promise<readonly Message[]> =>
  // All are of one mailbox, one after the other; a look reads them all, and takes from them.
  waitFor('the deposits are stored', messages, ({ length }) => length === count, { limitMs: 150_000, everyMs: 200 });

async function expectAllIn(region: string, count: number): Promise<void> {
  const all = await messages();
  expect(all).toHaveLength(count);
  for (const { messageId, region: found } of all) {
    expect(found).toBe(region);
    const media = await call('GET', `/v1/mailboxes/9876/messages/${messageId}/media`);
    expect(await media.text()).toBe(`RIFF sound of ${messageId}`);
  }
}

async function nameMaster(region: string): Promise<void> {
  const path = join(dataDir, 'tenants.json');
  const [tenant] = JSON.parse(await readFile(path, 'utf8')) as [object];
  await writeFile(path, JSON.stringify([{ ...tenant, master_region: region }]));
}

describe('storage copy', () => {
  it('moves the recordings of a region while the server goes on', async () => {
    await start();
    for (const id of ['a', 'b', 'c']) await deposit(id, 'westeurope');
    await untilStored(3);
    const copied = await run('storage', 'copy', '--from', 'westeurope', '--to', 'westus2');
    expect(copied.code).toBe(0);
    expect(copied.stdout).toBe(
      't100: 3 recordings moved from westeurope to westus2 (45 B), and seen there by their sha256\n' +
        't100: nothing is left in westeurope: it may leave the tenants’ file\n',
    );
    await expectAllIn('westus2', 3);
    const again = await run('--json', 'storage', 'copy', '--from', 'westeurope', '--to', 'westus2', '--tenant', 't100');
    expect(JSON.parse(again.stdout)).toMatchObject({ state: 'done', items: [{ moved: 0, isComplete: true }] });
  });

  it('hands a master region over at a stop, and a start is refused until the tenants’ file says so', async () => {
    const server = await start();
    for (const id of ['a', 'b', 'c']) await deposit(id);
    await untilStored(3);
    const beside = await run('storage', 'copy', '--from', 'westus2', '--to', 'westeurope');
    expect(beside).toMatchObject({ code: 0, stdout: expect.stringContaining('3 recordings moved') });
    expect(beside.stdout).toContain('westus2 is still the master region. Stop the server and run this again');
    await expectAllIn('westeurope', 3);
    await server.stop('SIGTERM');

    await nameMaster('westeurope');
    const tooEarly = await run('start');
    expect(tooEarly.code).toBe(2);
    expect(tooEarly.stderr).toContain(
      'run "voicemail storage copy --from westus2 --to westeurope" while no server runs',
    );

    const alone = await run('storage', 'copy', '--from', 'westus2', '--to', 'westeurope');
    expect(alone.code).toBe(0);
    expect(alone.stdout).toMatch(/t100: \d+ documents compared byte for byte\n/);
    expect(alone.stdout).toContain('westeurope is the master region now. Set "master_region" to "westeurope" in ');
    expect(alone.stdout).toContain('nothing is left in westus2');

    await start();
    await expectAllIn('westeurope', 3);
    expect(await (await call('GET', '/v1/mwi/9876')).json()).toMatchObject({ new: 3, old: 0, stale: false });
  });

  it('refuses a start from the region that was handed over', async () => {
    const server = await start();
    await deposit('a');
    await untilStored(1);
    await server.stop('SIGTERM');
    expect((await run('storage', 'copy', '--from', 'westus2', '--to', 'westeurope')).code).toBe(0);
    const started = await run('start');
    expect(started.code).toBe(2);
    expect(started.stderr).toContain('was moved to region westeurope: set master_region to westeurope');
  });

  it('goes on where a SIGKILL ended it', async () => {
    const server = await start();
    await Promise.all(Array.from({ length: MANY }, (_, index) => deposit(`m${index}`)));
    await untilStored(MANY);
    await server.stop('SIGTERM');
    let kills = 0;
    for (const at of [/recordings [1-9]0 %/, /documents [1-9]0 %/]) {
      const copying = await begin('storage', 'copy', '--from', 'westus2', '--to', 'westeurope');
      // A quick machine may be done with the documents before anybody looks.
      await copying.waitForOutput(at).catch(() => undefined);
      copying.signal('SIGKILL');
      if ((await copying.exited).signal === 'SIGKILL') kills += 1;
    }
    expect(kills).toBeGreaterThan(0);
    const copied = await run('storage', 'copy', '--from', 'westus2', '--to', 'westeurope');
    expect(copied).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is left in westus2') });
    await nameMaster('westeurope');
    await start();
    await expectAllIn('westeurope', MANY);
  }, 300_000);

  it('calls a faulty call a faulty call: exit 2', async () => {
    const same = await run('storage', 'copy', '--from', 'westus2', '--to', 'westus2');
    expect(same).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('are the same one') });
    const nowhere = await run('storage', 'copy', '--from', 'westus2', '--to', 'nowhere');
    expect(nowhere.stderr).toContain('t100 has westus2, westeurope');
    expect((await run('storage', 'copy', '--from', 'westus2')).code).toBe(2);
  });
});

describe('storage reindex', () => {
  it('brings everything under a new key, after which the old one is not needed', async () => {
    const key = join(dataDir, 'caller-hash.key');
    const first = await start();
    await deposit('a');
    await untilStored(1);
    await first.stop('SIGTERM');
    const [old, fresh] = [(await readFile(key, 'utf8')).trim(), randomBytes(32).toString('base64')];
    await writeFile(key, `${fresh}\n${old}\n`);
    const second = await start();
    const reindexed = await run('storage', 'reindex');
    expect(reindexed).toMatchObject({
      code: 0,
      stdout:
        't100: brought under the current key: 1 index entry, 2 tags, 0 dead letters\n' +
        't100: every message is found under the current key alone\n' +
        'key 2 may leave the file\n',
    });
    await second.stop('SIGTERM');
    await writeFile(key, `${old}\n`);
    const withOld = await run('start');
    expect(withOld).toMatchObject({ code: 2, stderr: expect.stringContaining('another caller-hash key') });
    await writeFile(key, `${fresh}\n`);
    // Without a server the command runs the services for its time.
    const again = await run('--json', 'storage', 'reindex');
    expect(JSON.parse(again.stdout)).toMatchObject({
      state: 'done',
      items: [{ entries: 0, tags: 0, isComplete: true, oldKeys: [] }],
    });
  }, 60_000);

  it('says that a key must stay which a legal hold is known by; a start without it is refused, and the doctor says so', async () => {
    const key = join(dataDir, 'caller-hash.key');
    const first = await start();
    const json = { 'content-type': 'application/json' };
    const held = await call('POST', '/v1/holds', json, JSON.stringify({ phone: CALLER, reason: 'case 4711' }));
    expect(held.status).toBe(201);
    await first.stop('SIGTERM');
    const [old, fresh] = [(await readFile(key, 'utf8')).trim(), randomBytes(32).toString('base64')];
    await writeFile(key, `${fresh}\n${old}\n`);
    expect(await run('storage', 'reindex')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        't100: every message is found under the current key alone\n' +
          't100: known by key 2 of the file and no newer one: 1 legal hold, 0 requests, 0 erasures\n' +
          'key 2 must stay in the file, behind the first one\n',
      ),
    });
    await writeFile(key, `${fresh}\n`);
    const refused =
      'not in CALLER_HASH_KEY_FILE any more (legal holds: 1, requests: 0, erasures: 0): put its line back';
    expect(await run('start')).toMatchObject({ code: 2, stderr: expect.stringContaining(refused) });
    expect(await run('doctor')).toMatchObject({ code: 1, stdout: expect.stringContaining(refused) });
    await writeFile(key, `${fresh}\n${old}\n`);
    await start();
  }, 60_000);
});
