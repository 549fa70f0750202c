import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, recording, spawned, tempFolder, waitFor, type Spawned } from '@voicemail/testing';
import { beforeEach, describe, expect, it } from 'vitest';

const MAIN = 'services/voicemail/src/main.ts';
/** Marked, so that it can be found wherever it should not be. */
const CALLER = '+1 555 121 2000';

/** An installation of its own, and the command as a user calls it. */
interface Installation {
  readonly dataDir: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  /** `voicemail start`, ready. */
  start(env?: Readonly<Record<string, string>>): Promise<Spawned>;
  /** A command that ends by itself. */
  run(...args: readonly string[]): Promise<Ended>;
  /** A command that goes on. */
  begin(...args: readonly string[]): Promise<Spawned>;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function installation(): Promise<Installation> {
  const dataDir = join(await tempFolder(), 'data');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { DATA_DIR: dataDir, PORT: String(port), HOST: '127.0.0.1' };
  const begin = (...args: readonly string[]): Promise<Spawned> => spawned({ command: [MAIN, ...args], env });
  return {
    dataDir,
    url,
    env,
    begin,
    start: async (more = {}) => {
      const server = await spawned({ env: { ...env, ...more } });
      await server.waitUntilReady(url);
      return server;
    },
    run: async (...args) => {
      const command = await begin(...args);
      const { code } = await command.exited;
      return { code, stdout: command.stdout(), stderr: command.stderr() };
    },
  };
}

/** A second of sound in a file. */
async function helloWav(): Promise<string> {
  const path = join(await tempFolder(), 'hello.wav');
  await writeFile(path, (await recording('wav-pcm', 1)).bytes);
  return path;
}

let site: Installation;
beforeEach(async () => {
  site = await installation();
});

describe('voicemail against a running server', () => {
  it('deposits a recording, and shows message and lamp', async () => {
    await site.start();
    const deposited = await site.run('deposit', await helloWav(), '--mailbox', '9876', '--caller', CALLER, '--urgent');
    expect(deposited).toMatchObject({ code: 0, stderr: '' });
    expect(deposited.stdout).toMatch(
      /^message [0-9a-f-]{36}\nin mailbox 9876, 0:01 of audio\/wav, region westus2\nlamp of 9876: on   1 new, 0 old \(urgent: 1 new, 0 old\)\n$/,
    );
    const messages = await site.run('messages', '9876');
    expect(messages.stdout).toMatch(/^MESSAGE +STATE +PRIORITY +CALLER +LENGTH +DEPOSITED +REGION\n/);
    expect(messages.stdout).toMatch(/ new +urgent +\+1 555 121 2000 +0:01 .* westus2\n$/);
    expect((await site.run('mailboxes')).stdout).toMatch(/\n9876 +1 +0 +1 +personal +not provisioned\n$/);
    expect((await site.run('mwi')).stdout).toBe('lamp of 9876: on   1 new, 0 old (urgent: 1 new, 0 old)\n');
  });

  it('prints with --json what the API answers', async () => {
    await site.start();
    const id = 'hello-1';
    const args = ['--mailbox', '9876', '--message-id', id, '--region', 'westeurope', '--private'];
    const deposited = await site.run('deposit', await helloWav(), ...args, '--json');
    expect(JSON.parse(deposited.stdout)).toMatchObject({
      message: { messageId: id, mailbox: '9876', region: 'westeurope', private: true, callerId: null },
      mwi: { mailbox: '9876', new: 1, messagesWaiting: true },
    });
    const token = (await readFile(join(site.dataDir, 'token'), 'utf8')).trim();
    for (const [args_, path] of [
      [['mailboxes'], '/v1/mailboxes'],
      [['messages', '9876'], '/v1/mailboxes/9876/messages'],
      [['mwi', '9876'], '/v1/mwi/9876'],
      [['dead-letters'], '/v1/dead-letters'],
    ] as const) {
      const answer = await fetch(`${site.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const { code, stdout } = await site.run('--json', ...args_);
      expect({ code, answer: JSON.parse(stdout) }).toEqual({ code: 0, answer: await answer.json() });
    }
  });

  it('watches the lamp change', async () => {
    await site.start();
    const watch = await site.begin('mwi', '--watch');
    const wav = await helloWav();
    await site.run('deposit', wav, '--mailbox', '9876');
    await watch.waitForOutput(/lamp of 9876: on {3}1 new, 0 old\n/);
    await site.run('deposit', wav, '--mailbox', '9876');
    await watch.waitForOutput(/lamp of 9876: on {3}2 new, 0 old\n/);
    expect(await watch.stop('SIGINT')).toEqual({ code: 0, signal: null });
  });

  it('counts again', async () => {
    await site.start();
    await site.run('deposit', await helloWav(), '--mailbox', '9876');
    expect(await site.run('mwi', 'rebuild')).toMatchObject({ code: 0, stdout: 'Counted again: 1 mailbox.\n' });
    expect((await site.run('mwi', '9876')).stdout).toContain('1 new, 0 old');
  });

  it('says why a deposit was refused, and exits 1', async () => {
    await site.start();
    const nowhere = await site.run('deposit', await helloWav(), '--mailbox', '9876', '--region', 'nowhere');
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toContain('westus2, westeurope');
    const faulty = await site.run('deposit', await helloWav(), '--mailbox', '../../etc');
    expect(faulty).toMatchObject({ code: 1, stdout: '' });
    expect(faulty.stderr).toContain('must be a mailbox');
  });

  it('finds everything in order', async () => {
    await site.start();
    const { code, stdout } = await site.run('doctor', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(code).toBe(0);
  });

  it('is refused with the wrong token, and says what to do', async () => {
    await site.start();
    const env = { ...site.env, VOICEMAIL_TOKEN: 'wrong' };
    const refused = await spawned({ command: [MAIN, 'mailboxes'], env });
    expect((await refused.exited).code).toBe(1);
    expect(refused.stderr()).toContain('does not accept the token. Set VOICEMAIL_TOKEN');
  });

  it('works from elsewhere with VOICEMAIL_URL and VOICEMAIL_TOKEN', async () => {
    await site.start({ VOICEMAIL_TOKEN: 'an-operators-token' });
    const elsewhere = await installation();
    const env = { ...elsewhere.env, VOICEMAIL_URL: site.url, VOICEMAIL_TOKEN: 'an-operators-token' };
    const args = ['deposit', await helloWav(), '--mailbox', '9876'];
    const unnamed = await spawned({ command: [MAIN, ...args], env });
    expect((await unnamed.exited).code).toBe(2);
    expect(unnamed.stderr()).toContain('--tenant and --region');
    const named = await spawned({ command: [MAIN, ...args, '--tenant', 't100', '--region', 'westus2'], env });
    expect((await named.exited).code).toBe(0);
  });
});

describe('voicemail start', () => {
  it('refuses a data folder that another process owns, and names that one', async () => {
    const server = await site.start();
    const second = await site.run('start');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`is in use by process ${server.pid} (voicemail start), which serves ${site.url}`);
    expect((await fetch(`${site.url}/readyz`)).status).toBe(200);
  });

  it('exits 0 on SIGTERM, and goes on with everything at the next start', async () => {
    const server = await site.start();
    await site.run('deposit', await helloWav(), '--mailbox', '9876');
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    await site.start();
    expect((await site.run('mwi', '9876')).stdout).toContain('1 new, 0 old');
  });

  it('starts again after a SIGKILL, whatever it left', async () => {
    const server = await site.start();
    server.signal('SIGKILL');
    await server.exited;
    await site.start();
    expect((await site.run('mailboxes')).code).toBe(0);
  });

  it('says in its log that it is ready, on which port, and after how long', async () => {
    const server = await site.start();
    const [line] = await server.waitForOutput(/^.*"msg":"ready".*$/m);
    expect(JSON.parse(line)).toMatchObject({
      port: Number(new URL(site.url).port),
      ready: true,
      startMs: expect.any(Number),
    });
  });
});

describe('voicemail without a server', () => {
  it('does its work by itself, and leaves nothing undone', async () => {
    const deposited = await site.run('deposit', await helloWav(), '--mailbox', '9876', '--caller', CALLER);
    expect(deposited).toMatchObject({ code: 0, stderr: '' });
    expect((await site.run('messages', '9876')).stdout).toContain(CALLER);
    expect((await site.run('mwi', '9876')).stdout).toContain('1 new, 0 old');
    expect(await readdir(site.dataDir)).not.toContain('server.json');
  });

  it('waits for another command that has the data folder', async () => {
    const wav = await helloWav();
    await site.run('mailboxes');
    const all = await Promise.all(
      [1, 2, 3].map((n) => site.run('deposit', wav, '--mailbox', '9876', '--message-id', `m${n}`)),
    );
    expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array.from({ length: 3 }, () => ({ code: 0, stderr: '' })),
    );
    expect((await site.run('mwi', '9876')).stdout).toContain('3 new, 0 old');
  });

  it('has nothing to watch, and says so', async () => {
    const watch = await site.run('mwi', '--watch');
    expect(watch).toMatchObject({ code: 1, stdout: '' });
    expect(watch.stderr).toContain('voicemail start');
  });

  it('calls a faulty call a faulty call: exit 2', async () => {
    expect(await site.run('deposit', '/nowhere.wav', '--mailbox', '9876')).toMatchObject({ code: 2, stdout: '' });
    expect((await site.run('deposit', '/nowhere.wav')).stderr).toContain('--mailbox');
    expect(await site.run('messages')).toMatchObject({ code: 2 });
    expect(await site.run('no-such-command')).toMatchObject({ code: 2 });
    expect(await site.run('mwi', '9876', '--limit', '3')).toMatchObject({ code: 2 });
  });
});

describe('a start that cannot be', () => {
  it('lists every fault of the tenants’ file, and exits 2', async () => {
    await site.run('mailboxes');
    const path = join(site.dataDir, 'tenants.json');
    const [tenant] = JSON.parse(await readFile(path, 'utf8')) as [{ regions: { storage: object }[] }];
    tenant.regions[0]!.storage = { interface: 'BlobStorage', container: 'voicemail', account_url: 'https://a.example' };
    tenant.regions[1]!.storage = { interface: 'S3', bucket: 'voicemail' };
    await writeFile(path, JSON.stringify([tenant]));
    const started = await site.run('start');
    expect(started.code).toBe(2);
    expect(started.stderr).toContain('[0].regions[0].storage.interface must be FileSystem: BlobStorage is not in this');
    expect(started.stderr).toContain('[0].regions[1].storage.interface must be FileSystem: S3 is not in this version');
  });

  it('ends with another caller-hash key than the one that was there', async () => {
    await site.run('deposit', await helloWav(), '--mailbox', '9876', '--caller', CALLER);
    await writeFile(join(site.dataDir, 'caller-hash.key'), Buffer.alloc(32, 3).toString('base64'));
    const started = await site.run('start');
    expect(started.code).toBe(2);
    expect(started.stderr).toContain('another caller-hash key');
  });

  it('tells every fault of the environment, and exits 2', async () => {
    const { code, stderr } = await (await installation()).run('start', '--unknown');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--unknown') });
  });
});

describe('a region that is down', () => {
  it('does not keep the server from starting: it is not ready, says why, and goes on when the volume is back', async () => {
    await site.run('deposit', await helloWav(), '--mailbox', '9876');
    const root = join(site.dataDir, 'regions', 'westus2');
    await rename(root, `${root}-away`);
    const server = await site.begin('start');
    const notReady = await waitFor(
      'the server says what is down',
      () => readiness(site.url),
      ({ status }) => status === 503,
    );
    expect(notReady.text).toContain('region t100/westus2');
    const doctor = await site.run('doctor');
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/WRONG +region t100\/westus2/);
    await rename(`${root}-away`, root);
    await server.waitUntilReady(site.url);
    expect((await site.run('mwi', '9876')).stdout).toContain('1 new, 0 old');
  });

  it('is not made anew after a restart when its folder is gone or empty', async () => {
    await site.run('deposit', await helloWav(), '--mailbox', '9876');
    const root = join(site.dataDir, 'regions', 'westus2');
    await rm(root, { recursive: true });
    await mkdir(root);
    await site.begin('start');
    await waitFor(
      'the server says what is down',
      () => readiness(site.url),
      ({ status }) => status === 503,
    );
    expect(await readdir(root)).toEqual([]);
  });

  it('moves with the data folder', async () => {
    await site.run('deposit', await helloWav(), '--mailbox', '9876');
    const other = await installation();
    await rename(site.dataDir, other.dataDir);
    expect((await other.run('mwi', '9876')).stdout).toContain('1 new, 0 old');
    expect((await other.run('messages', '9876')).stdout).toContain('0:01');
  });
});

interface Readiness {
  readonly status: number;
  readonly text: string;
}

async function readiness(url: string): Promise<Readiness> {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, text: await answer.text() };
}
