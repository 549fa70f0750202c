import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  createLogger,
  manualClock,
  systemIds,
  whileTimePasses,
  type HealthReport,
  type ManualClock,
} from '@voicemail/runtime';
import { afterTest, tempFolder, waitFor } from '@voicemail/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { readVoicemailConfig } from '../config.ts';
import { STORE_TIMEOUT_MS } from '../limits.ts';
import { stopList } from './stop-list.ts';
import { openServices, type Services } from './open-services.ts';

const START = Date.parse('2026-03-02T10:00:00Z');
const GRACE_MS = 5_000;

interface Running extends Services {
  stop(): Promise<void>;
}

const LAMP_STEP_MS = 10;

let dataDir: string;
let clock: ManualClock;
beforeEach(async () => {
  dataDir = join(await tempFolder(), 'data');
  clock = manualClock(START);
});

async function open(from = dataDir): Promise<Running> {
  const stops = stopList(clock);
  const stop = async (): Promise<void> => {
    let isOver = false;
    const stopping = stops.stopAll(GRACE_MS).finally(() => {
      isOver = true;
    });
    // What is in flight is waited for by the clock.
    await waitFor('the services have stopped', async () => {
      if (!isOver) await clock.advance(GRACE_MS / 10);
      return isOver;
    });
    await stopping;
  };
  await afterTest(stop);
  const embedded = await openServices({
    config: readVoicemailConfig({ DATA_DIR: from }),
    clock,
    ids: systemIds(),
    logger: createLogger({ level: 'silent', name: 'test' }),
    command: 'start',
    listen: { host: '127.0.0.1', port: 0 },
    isShared: true,
    stops,
  }).catch(async (error: unknown) => {
    // As a process that ends: another one may start after it.
    await stop();
    throw error;
  });
  return { ...embedded, stop };
}

async function deposit({ url, token }: Services, mailbox: string): Promise<number> {
  const attributes = { specversion: '1.0', type: 'voicemail.deposit.v1', source: '/test', id: `m-${mailbox}`, mailbox };
  const more = { time: new Date(START).toISOString(), tenant: 't100', region: 'westus2', callerid: '+15551212000' };
  const headers = new Headers({ 'content-type': 'audio/wav', authorization: `Bearer ${token}` });
  for (const [name, value] of Object.entries({ ...attributes, ...more })) headers.set(`ce-${name}`, value);
  const answer = await fetch(`${url}/v1/events/voicemail.deposits`, { method: 'POST', headers, body: 'RIFF' });
  return answer.status;
}

/** The API waits a moment for the counts of a mailbox that has none yet: by the clock. */
async function lampOf({ url, token }: Services, mailbox: string): Promise<unknown> {
  const asked = fetch(`${url}/v1/mwi/${mailbox}`, { headers: { authorization: `Bearer ${token}` } });
  return (await whileTimePasses(clock, asked, { stepMs: LAMP_STEP_MS })).json();
}

/** Moves time on until the report is as it should be. */
function waitForReport(
  what: string,
  { health }: Services,
  done: (report: HealthReport) => boolean,
): Promise<HealthReport> {
  const look = async (): Promise<HealthReport> => {
    await clock.advance(1_000);
    return health.report();
  };
  return waitFor(what, look, done);
}

const failing = ({ checks }: HealthReport): readonly string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name);
const region = (name: string): string => join(dataDir, 'regions', name);

describe('the embedded services', () => {
  it('do everything a deposit causes before they are settled', async () => {
    const embedded = await open();
    expect(await deposit(embedded, '9876')).toBe(202);
    await embedded.settle();
    expect(await lampOf(embedded, '9876')).toMatchObject({ new: 1, old: 0, stale: false });
  });

  it('tell who owns the data folder while they do', async () => {
    const embedded = await open();
    const owner = JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8')) as unknown;
    expect(owner).toEqual({ pid: process.pid, command: 'start', url: embedded.url });
    await embedded.stop();
    expect(await readdir(dataDir)).not.toContain('server.json');
  });

  it('stop in time while a client keeps a call open', async () => {
    const embedded = await open();
    const { url, token } = embedded;
    const slow = connect(Number(new URL(url).port), '127.0.0.1');
    await once(slow, 'connect');
    const head = `POST /v1/events/voicemail.deposits HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}`;
    slow.write(`${head}\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n`);
    await once(slow, 'data');
    await Promise.all([embedded.stop(), once(slow, 'close')]);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('move with the data folder', async () => {
    const before = await open();
    await deposit(before, '9876');
    await before.settle();
    await before.stop();
    const elsewhere = `${dataDir}-elsewhere`;
    await rename(dataDir, elsewhere);
    const after = await open(elsewhere);
    expect(await after.health.report()).toMatchObject({ ready: true });
    expect(await lampOf(after, '9876')).toMatchObject({ new: 1 });
  });

  it('end their start with another caller-hash key than the one that was there', async () => {
    await (await open()).stop();
    await writeFile(join(dataDir, 'caller-hash.key'), Buffer.alloc(32, 3).toString('base64'));
    await expect(open()).rejects.toMatchObject({ name: 'CallerHashKeyMismatch' });
  });
});

describe('a region that is down at the start', () => {
  it('is not ready until it is back, and what was deposited meanwhile is stored then', async () => {
    const before = await open();
    await before.stop();
    await rename(region('westus2'), region('away'));
    const embedded = await open();
    const report = await embedded.health.report();
    expect(failing(report)).toEqual(['caller-hash key t100', 'region t100/westus2']);
    expect(await deposit(embedded, '9876')).toBe(202);
    await rename(region('away'), region('westus2'));
    await waitForReport('it is ready again', embedded, ({ ready }) => ready);
    const lamp = await waitFor(
      'the deposit is counted',
      async () => {
        await clock.advance(1_000);
        return lampOf(embedded, '9876');
      },
      (seen) => (seen as { new?: number }).new === 1,
    );
    expect(lamp).toMatchObject({ old: 0 });
  });

  it('is not made anew, neither in place of its folder nor in an empty one', async () => {
    await (await open()).stop();
    await rm(region('westus2'), { recursive: true });
    await mkdir(region('westeurope-mount'));
    await rename(region('westeurope'), region('away'));
    await rename(region('westeurope-mount'), region('westeurope'));
    const embedded = await open();
    await deposit(embedded, '9876');
    const report = await waitForReport('both are down', embedded, ({ ready }) => !ready);
    expect(failing(report)).toEqual(expect.arrayContaining(['region t100/westus2', 'region t100/westeurope']));
    expect(await readdir(join(dataDir, 'regions'))).toEqual(['away', 'westeurope']);
    expect(await readdir(region('westeurope'))).toEqual([]);
  });
});

describe('a tenants’ file that changes', () => {
  async function change(storageOfSecond: object): Promise<void> {
    const path = join(dataDir, 'tenants.json');
    const [first] = JSON.parse(await readFile(path, 'utf8')) as [object];
    const regions = [{ name: 'north', storage: storageOfSecond }];
    const uuid = '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7e';
    const second = { ...first, name: 't200', tenant_id: 't200', tenant_uuid: uuid, master_region: 'north', regions };
    await writeFile(path, JSON.stringify([first, second]));
  }

  it('brings a tenant in while the services run, with its region looked at', async () => {
    const embedded = await open();
    await change({ interface: 'FileSystem', root: 'regions/north' });
    const report = await waitForReport('the tenant is served', embedded, ({ checks }) =>
      checks.some(({ name, ok }) => name === 'region t200/north' && ok),
    );
    expect(report.ready).toBe(true);
    await waitFor(
      'its store is there',
      () => readdir(region('north')),
      (names) => names.length > 0,
    );
  });

  it('is refused where a storage lies in another one, and the old tenants stay', async () => {
    const embedded = await open();
    await change({ interface: 'FileSystem', root: 'regions/westus2/t200' });
    const report = await waitForReport('the change is refused', embedded, ({ ready }) => !ready);
    expect(report.checks.find(({ name }) => name === 'tenants')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('must not lie in that of [0].regions[0], or round it'),
    });
    expect(await deposit(embedded, '9876')).toBe(202);
  });

  it('with a wrong place for the master region is not served from there: nothing is written, no lamp goes out', async () => {
    const path = join(dataDir, 'tenants.json');
    const embedded = await open();
    await deposit(embedded, '9876');
    await embedded.settle();
    const right = await readFile(path, 'utf8');
    await writeFile(path, right.replace('regions/westus2', 'regions/wsetus2'));
    const report = await waitForReport('the place is refused', embedded, ({ ready }) => !ready);
    expect(report.checks.find(({ name }) => name === 'caller-hash key t100')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('is not the one it was'),
    });
    expect(await deposit(embedded, '9877')).toBe(202);
    // The reconciler passes by several times, and each second look is due.
    for (let second = 0; second < 120; second += 1) await clock.advance(1_000);
    expect(await lampOf(embedded, '9876')).toMatchObject({ new: 1 });
    await embedded.stop();
    const restarted = await open();
    expect((await restarted.health.report()).ready).toBe(false);
    expect(await lampOf(restarted, '9876')).toMatchObject({ new: 1 });
    await restarted.stop();
    expect(await readdir(join(dataDir, 'regions'))).toEqual(['westeurope', 'westus2']);
    await writeFile(path, right);
    const again = await open();
    expect((await again.health.report()).ready).toBe(true);
    // Time moves on by less than a call of the store may take, so that a call which it begins is not late at once.
    const lamp = async (): Promise<unknown> => {
      await clock.advance(STORE_TIMEOUT_MS / 6);
      return lampOf(again, '9877');
    };
    await waitFor('what waited is stored', lamp, (seen) => (seen as { new?: number }).new === 1, { limitMs: 60_000 });
  });

  it('may name the new place of a master region that was copied there whole', async () => {
    const path = join(dataDir, 'tenants.json');
    const before = await open();
    await deposit(before, '9876');
    await before.settle();
    await before.stop();
    await cp(region('westus2'), region('moved'), { recursive: true });
    await writeFile(path, (await readFile(path, 'utf8')).replace('regions/westus2', 'regions/moved'));
    const after = await open();
    expect((await after.health.report()).ready).toBe(true);
    expect(await lampOf(after, '9876')).toMatchObject({ new: 1 });
  });
});
