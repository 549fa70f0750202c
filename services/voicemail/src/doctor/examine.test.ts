import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { systemClock, systemIds, type Environment } from '@voicemail/runtime';
import { callerHashes } from '@voicemail/message-store';
import { openFileSystemStore, type FileSystemStore } from '@voicemail/object-store';
import { tempFolder } from '@voicemail/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CommandContext } from '../command-context.ts';
import { readVoicemailConfig } from '../config.ts';
import { firstStart } from '../embedded/first-start.ts';
import { seenStore } from '../regions/remembered.ts';
import { terminalOf } from '../output/terminal.ts';
import { examine } from './examine.ts';

const [clock, ids] = [systemClock(), systemIds()];

async function contextOf(env: Environment = {}): Promise<CommandContext> {
  const config = readVoicemailConfig({ DATA_DIR: await tempFolder(), PORT: '0', ...env });
  const terminal = terminalOf(process.stdout, process.stderr, {});
  return { config, clock, ids, terminal, command: 'doctor', json: false, startedMs: 0 };
}

/** A region's volume, as a start opens it. */
function volumeOf({ config: { data } }: CommandContext, region: string): Promise<FileSystemStore> {
  const root = join(data.root, 'regions', region);
  const seenIdentity = seenStore(data, { interface: 'FileSystem', root }, ids);
  return openFileSystemStore({ root, region, clock, ids, seenIdentity });
}

/** A data folder that has been started once, without a server on it now. */
async function installed(env: Environment = {}): Promise<CommandContext> {
  const context = await contextOf(env);
  await firstStart(context.config, ids);
  for (const region of ['westus2', 'westeurope']) await (await volumeOf(context, region)).check();
  return context;
}

async function wrongIn(context: CommandContext): Promise<Readonly<Record<string, string>>> {
  const findings = await examine(context);
  expect(findings.filter(({ ok, advice }) => !ok && (advice ?? '') === '')).toEqual([]);
  return Object.fromEntries(findings.filter(({ ok }) => !ok).map(({ name, detail }) => [name, detail]));
}

describe('the doctor', () => {
  it('finds nothing wrong where nothing was started yet, and makes nothing', async () => {
    const folder = join(await tempFolder(), 'not', 'yet');
    const context = await contextOf({ DATA_DIR: folder });
    expect(await wrongIn(context)).toEqual({});
    await expect(chmod(folder, 0o700)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('finds nothing wrong in a sound installation, and probes every region', async () => {
    const findings = await examine(await installed());
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.filter(({ name }) => name.startsWith('region')).map(({ name, detail }) => [name, detail])).toEqual([
      ['region t100/westus2', expect.stringMatching(/put, get, condition, tag, list, check, delete, purge work$/)],
      ['region t100/westeurope', expect.stringMatching(/put, get, condition, tag, list, check, delete, purge work$/)],
    ]);
  });

  it('finds a region whose volume is not mounted', async () => {
    const context = await installed();
    const root = join(context.config.data.root, 'regions', 'westeurope');
    await rename(root, `${root}-away`);
    expect(await wrongIn(context)).toEqual({ 'region t100/westeurope put': expect.stringContaining('not mounted') });
  });

  it('finds secrets and a data folder that are open to others', async () => {
    const context = await installed();
    const { data } = context.config;
    await chmod(data.token, 0o644);
    await chmod(data.callerHashKey, 0o640);
    await chmod(data.root, 0o755);
    expect(Object.keys(await wrongIn(context))).toEqual(['data folder', 'token file', 'caller-hash key']);
  });

  it('finds every fault of the tenants’ file', async () => {
    const context = await installed();
    await writeFile(context.config.tenantsFile, JSON.stringify([{ name: 't100', tenant_id: '../up', status: 'GONE' }]));
    const { tenants } = await wrongIn(context);
    for (const path of ['[0].tenant_id', '[0].status', '[0].tenant_uuid']) expect(tenants).toContain(path);
  });

  it('finds a caller-hash key that is not the one of what is stored', async () => {
    const context = await installed();
    const keyOf = async () => (await examine(context)).find(({ name }) => name === 'caller-hash key t100')?.detail;
    expect(await keyOf()).toBe('nothing is stored under one yet');
    const { checkValue } = callerHashes(await readFile(context.config.data.callerHashKey, 'utf8'));
    const volume = await volumeOf(context, 'westus2');
    const mark = Buffer.from(JSON.stringify({ checkValue }));
    await volume.put('t100/caller-hash-check.json', mark, { contentType: 'application/json' });
    expect(await keyOf()).toBe('is the one of what is stored');
    await writeFile(context.config.data.callerHashKey, Buffer.alloc(32, 9).toString('base64'), { mode: 0o600 });
    expect(Object.keys(await wrongIn(context))).toEqual(['caller-hash key t100']);
  });

  it('finds a master region that has handed the metadata over', async () => {
    const context = await installed();
    const { checkValue } = callerHashes(await readFile(context.config.data.callerHashKey, 'utf8'));
    const mark = Buffer.from(JSON.stringify({ checkValue, handedOverTo: 'westeurope' }));
    const volume = await volumeOf(context, 'westus2');
    await volume.put('t100/caller-hash-check.json', mark, { contentType: 'application/json' });
    const { 'master region t100': found } = await wrongIn(context);
    expect(found).toContain('was moved to region westeurope: set master_region to westeurope');
  });

  it('finds a log that is none', async () => {
    const context = await installed();
    await writeFile(context.config.data.log, 'this is not a database, but long enough to be taken for one'.repeat(99));
    expect(Object.keys(await wrongIn(context))).toEqual(['log']);
  });

  it('finds another program on the port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const context = await installed({ PORT: String((other.address() as AddressInfo).port) });
    expect(Object.keys(await wrongIn(context))).toEqual(['port']);
  });

  it('finds that the server of VOICEMAIL_URL does not answer', async () => {
    const context = await contextOf({ VOICEMAIL_URL: 'http://127.0.0.1:9', VOICEMAIL_TOKEN: 'x' });
    expect(Object.keys(await wrongIn(context))).toEqual(['server']);
  });
});
