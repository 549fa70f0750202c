import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterTest, freePort, openSpawned, openTempFolder, recording, waitFor, type Spawned } from '@voicemail/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const MAIN = 'services/voicemail/src/main.ts';
/** Marked, so that it can be found wherever it should not be. */
const CALLER = '+1 555 121 2000';

/** An installation of its own, and the command as a user calls it. */
interface Site extends AsyncDisposable {
  readonly dataDir: string;
  readonly url: string;
  /** A recording of a second. */
  readonly wav: string;
  /** `voicemail start`, ready. */
  start(env?: Readonly<Record<string, string>>): Promise<Spawned>;
  /** A command that ends by itself. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** A command that goes on. */
  begin(...args: readonly string[]): Spawned;
  deposit(mailbox: string, ...more: readonly string[]): Promise<Ended>;
  /** A call with the token of the data folder, and the JSON of its answer. */
  call(path: string, init?: RequestInit): Promise<unknown>;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function openSite(): Promise<Site> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await openTempFolder()).path;
  const [dataDir, wav] = [join(folder, 'data'), join(folder, 'hello.wav')];
  await writeFile(wav, (await recording('wav-pcm', 1)).bytes);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const base = { DATA_DIR: dataDir, PORT: String(port) };
  const open = (args: readonly string[], env = {}): Spawned =>
    stack.use(openSpawned({ command: [MAIN, ...args], env: { ...base, ...env } }));
  const run: Site['run'] = async (args, env) => {
    const command = open(args, env);
    const { code } = await command.exited;
    return { code, stdout: command.stdout(), stderr: command.stderr() };
  };
  return {
    dataDir,
    url,
    wav,
    run,
    begin: (...args) => open(args),
    start: async (env) => {
      const server = open(['start'], env);
      await server.waitUntilReady(url);
      return server;
    },
    deposit: (mailbox, ...more) => run(['deposit', wav, '--mailbox', mailbox, ...more]),
    call: async (path, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${(await readFile(join(dataDir, 'token'), 'utf8')).trim()}`);
      const answer = await fetch(`${url}${path}`, { ...init, headers });
      return answer.json();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('voicemail against a running server', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
    await site.start();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('deposits a recording, and shows message and lamp', async () => {
    const deposited = await site.deposit('9876', '--caller', CALLER, '--urgent');
    expect(deposited).toMatchObject({ code: 0, stderr: '' });
    expect(deposited.stdout).toMatch(
      /^message [0-9a-f-]{36}\nin mailbox 9876, 0:01 of audio\/wav, region westus2\nlamp of 9876: on {3}1 new, 0 old \(urgent: 1 new, 0 old\)\n$/,
    );
    const messages = await site.run(['messages', '9876']);
    expect(messages.stdout).toMatch(/^MESSAGE +STATE +PRIORITY +CALLER +LENGTH +DEPOSITED +REGION\n/);
    expect(messages.stdout).toMatch(/ new +urgent +\+1 555 121 2000 +0:01 .* westus2\n$/);
    expect((await site.run(['mailboxes'])).stdout).toMatch(/\n9876 +1 +0 +1 +personal +not provisioned\n/);
    expect((await site.run(['mwi'])).stdout).toContain('lamp of 9876: on   1 new, 0 old (urgent: 1 new, 0 old)\n');
  });

  it('prints with --json what the API answers', async () => {
    const args = ['--message-id', 'hello-1', '--region', 'westeurope', '--private'];
    const deposited = await site.deposit('1001', ...args, '--json');
    expect(JSON.parse(deposited.stdout)).toMatchObject({
      message: { messageId: 'hello-1', mailbox: '1001', region: 'westeurope', private: true, callerId: null },
      mwi: { mailbox: '1001', new: 1, messagesWaiting: true },
    });
    for (const [command, path] of [
      [['mailboxes'], '/v1/mailboxes'],
      [['messages', '1001'], '/v1/mailboxes/1001/messages'],
      [['mwi', '1001'], '/v1/mwi/1001'],
      [['dead-letters'], '/v1/dead-letters'],
    ] as const) {
      const { code, stdout } = await site.run(['--json', ...command]);
      expect({ code, answer: JSON.parse(stdout) }).toEqual({ code: 0, answer: await site.call(path) });
    }
  });

  it('deposits a repetition once, and no other recording under its name', async () => {
    const wav = await readFile(site.wav);
    const again = ['--message-id', 'again'];
    const all = [await site.deposit('1002', ...again), await site.deposit('1002', ...again)];
    expect(all.map(({ code }) => code)).toEqual([0, 0]);
    expect(all[1]?.stdout).toContain('1 new, 0 old');
    const other = `${site.wav}.other.wav`;
    await writeFile(other, Buffer.concat([wav, wav]));
    const conflict = await site.run(['deposit', other, '--mailbox', '1002', ...again]);
    expect(conflict).toMatchObject({ code: 1, stdout: '' });
    expect(conflict.stderr).toContain('holds another recording');
  });

  it('watches the lamp change', async () => {
    const watch = site.begin('mwi', '--watch');
    const one = site.begin('mwi', '1003', '--watch', '--json');
    await site.deposit('1003');
    await watch.waitForOutput(/lamp of 1003: on {3}1 new, 0 old\n/);
    await site.deposit('1003');
    await watch.waitForOutput(/lamp of 1003: on {3}2 new, 0 old\n/);
    const [line] = await one.waitForOutput(/^.*"new":2.*$/m);
    expect(JSON.parse(line)).toMatchObject({ mailbox: '1003', new: 2 });
    expect(await watch.stop('SIGINT')).toEqual({ code: 0, signal: null });
  });

  it('counts again', async () => {
    await site.deposit('1004');
    const { code, stdout } = await site.run(['mwi', 'rebuild']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^Counted again: \d+ mailbox(es)?\.\n$/),
    });
    expect(await site.call('/v1/mwi/1004')).toMatchObject({ new: 1, old: 0, stale: false });
  });

  it('shows a dead letter, and hands it in again', async () => {
    await site.deposit('1005', '--message-id', 'taken');
    const headers = {
      'ce-specversion': '1.0',
      'ce-type': 'voicemail.deposit.v1',
      'ce-source': '/test',
      'ce-id': 'taken',
      'ce-time': new Date().toISOString(),
      'ce-tenant': 't100',
      'ce-region': 'westus2',
      'ce-mailbox': '1005',
      'content-type': 'audio/wav',
    };
    await site.call('/v1/events/voicemail.deposits', { method: 'POST', headers, body: 'another recording' });
    const list = (): Promise<Ended> => site.run(['dead-letters']);
    const { stdout } = await waitFor('the dead letter is kept', list, (seen) => seen.stdout.includes('conflict'));
    const [, id = ''] = /^(\S+) +conflict +t100 +voicemail\.deposits /m.exec(stdout) ?? [];
    expect((await site.run(['dead-letters', 'show', id])).stdout).toMatch(/^reason +conflict$/m);
    expect(await site.run(['dead-letters', 'replay', id])).toMatchObject({
      code: 0,
      stdout: `Handed in again: ${id}\n`,
    });
    expect(await site.run(['dead-letters', 'show', id])).toMatchObject({ code: 1 });
  });

  it('says why a deposit was refused, and exits 1', async () => {
    const nowhere = await site.deposit('9876', '--region', 'nowhere');
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toContain('westus2, westeurope');
    const faulty = await site.deposit('../../etc');
    expect(faulty).toMatchObject({ code: 1, stdout: '' });
    expect(faulty.stderr).toContain('must be a mailbox');
  });

  it('finds everything in order', async () => {
    const { code, stdout } = await site.run(['doctor', '--json']);
    expect({ code, report: JSON.parse(stdout) }).toMatchObject({ code: 0, report: { ok: true } });
  });

  it('is refused with the wrong token, and says what to do', async () => {
    const { code, stderr } = await site.run(['mailboxes'], { VOICEMAIL_TOKEN: 'wrong' });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('Set VOICEMAIL_TOKEN to the') });
  });

  it('works from elsewhere with VOICEMAIL_URL and VOICEMAIL_TOKEN', async () => {
    const token = (await readFile(join(site.dataDir, 'token'), 'utf8')).trim();
    const env = { DATA_DIR: `${site.dataDir}-elsewhere`, VOICEMAIL_URL: site.url, VOICEMAIL_TOKEN: token };
    const args = ['deposit', site.wav, '--mailbox', '1007'];
    const unnamed = await site.run(args, env);
    expect(unnamed).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('--tenant and --region') });
    expect((await site.run([...args, '--tenant', 't100', '--region', 'westus2'], env)).code).toBe(0);
  });

  it('refuses a second start on its data folder, and names the first', async () => {
    const second = await site.run(['start'], { PORT: '0' });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/is in use by process \d+ \(voicemail start\), which serves http:/);
    expect((await fetch(`${site.url}/readyz`)).status).toBe(200);
  });
});

let site: Site;
beforeEach(async () => {
  site = await openSite();
  await afterTest(() => site[Symbol.asyncDispose]());
});

describe('voicemail start', () => {
  it('exits 0 on SIGTERM, after a SIGKILL too, and goes on with everything', async () => {
    const killed = await site.start();
    await site.deposit('9876');
    killed.signal('SIGKILL');
    await killed.exited;
    const server = await site.start();
    const [line] = await server.waitForOutput(/^.*"msg":"ready".*$/m);
    const port = Number(new URL(site.url).port);
    expect(JSON.parse(line)).toMatchObject({ port, ready: true, startMs: expect.any(Number) });
    expect(await site.call('/v1/mwi/9876')).toMatchObject({ new: 1, old: 0 });
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await readdir(site.dataDir)).not.toContain('server.json');
  });
});

describe('voicemail without a server', () => {
  it('does its work by itself, and leaves nothing undone', async () => {
    const deposited = await site.deposit('9876', '--caller', CALLER);
    expect(deposited).toMatchObject({ code: 0, stderr: '' });
    expect((await site.run(['messages', '9876'])).stdout).toContain(CALLER);
    expect((await site.run(['mwi', '9876'])).stdout).toContain('1 new, 0 old');
    expect(await readdir(site.dataDir)).not.toContain('server.json');
  });

  it('waits for another command that has the data folder', async () => {
    await site.run(['mailboxes']);
    const all = await Promise.all([1, 2, 3].map((n) => site.deposit('9876', '--message-id', `m${n}`)));
    expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array.from({ length: 3 }, () => ({ code: 0, stderr: '' })),
    );
    expect((await site.run(['mwi', '9876'])).stdout).toContain('3 new, 0 old');
  });

  it('has nothing to watch, and says so', async () => {
    const watch = await site.run(['mwi', '--watch']);
    expect(watch).toMatchObject({ code: 1, stdout: '' });
    expect(watch.stderr).toContain('voicemail start');
  });

  it('calls a faulty call a faulty call: exit 2', async () => {
    expect(await site.run(['deposit', '/nowhere.wav', '--mailbox', '9876'])).toMatchObject({ code: 2, stdout: '' });
    expect((await site.run(['deposit', '/nowhere.wav'])).stderr).toContain('--mailbox');
    expect(await site.run(['messages'])).toMatchObject({ code: 2 });
    expect(await site.run(['no-such-command'])).toMatchObject({ code: 2 });
    expect(await site.run(['mwi', '9876', '--limit', '3'])).toMatchObject({ code: 2 });
  });
});

describe('a start that cannot be', () => {
  it('of one service is told where services are processes of their own, and exits 2', async () => {
    const started = await site.run(['service', 'mwi-projector']);
    expect(started.code).toBe(2);
    expect(started.stderr).toContain('KAFKA_BROKERS and REDIS_URL');
    expect((await site.run(['service', 'everything'])).code).toBe(2);
  });

  it('lists every fault of the tenants’ file, and exits 2', async () => {
    await site.run(['mailboxes']);
    const path = join(site.dataDir, 'tenants.json');
    const [tenant] = JSON.parse(await readFile(path, 'utf8')) as [{ regions: { storage: object }[] }];
    tenant.regions[0]!.storage = { interface: 'BlobStorage', container: 'voicemail' };
    tenant.regions[1]!.storage = { interface: 'S3', bucket: 'voicemail', prefix: 't100' };
    await writeFile(path, JSON.stringify([tenant]));
    const started = await site.run(['start']);
    expect(started.code).toBe(2);
    expect(started.stderr).toContain('[0].regions[0].storage must have either connection_string_file or account_url');
    expect(started.stderr).toContain('[0].regions[1].storage.prefix must be folders that each end in "/"');
  });

  it('ends with another caller-hash key than the one that was there', async () => {
    await site.deposit('9876', '--caller', CALLER);
    await writeFile(join(site.dataDir, 'caller-hash.key'), Buffer.alloc(32, 3).toString('base64'));
    const started = await site.run(['start']);
    expect(started.code).toBe(2);
    expect(started.stderr).toContain('another caller-hash key');
  });
});
