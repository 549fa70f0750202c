import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder, tmpfs, waitFor } from '@voicemail/testing';
import { describe, expect, it, type TestContext } from 'vitest';
import { postDeposit, startServer, waitForLamp, type Server } from '../support/server.ts';

const MIB = 1024 * 1024;

interface Report {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
}

const report = async (server: Server): Promise<Report> =>
  (await (await fetch(`${server.url}/readyz`)).json()) as Report;
const untilReady = (server: Server, isReady: boolean): Promise<Report> =>
  waitFor(
    `ready is ${isReady}`,
    () => report(server),
    ({ status }) => (status === 'ready') === isReady,
    { limitMs: 20_000 },
  );

/** A server whose westeurope lies elsewhere. */
async function withEurope(root: string): Promise<Server> {
  const dataDir = await tempFolder();
  const first = await startServer({ dataDir });
  await first.process.stop();
  const file = join(dataDir, 'tenants.json');
  const tenants = JSON.parse(await readFile(file, 'utf8')) as {
    regions: { name: string; storage: { root: string } }[];
  }[];
  for (const region of tenants[0]?.regions ?? []) if (region.name === 'westeurope') region.storage.root = root;
  await writeFile(file, JSON.stringify(tenants));
  return startServer({ dataDir });
}

describe('a volume', () => {
  it('that is full makes its deposits wait and the server say why, and nothing is lost when there is room again', async (context: TestContext) => {
    const root = await tmpfs({ sizeBytes: 8 * MIB });
    if (root === undefined) context.skip();
    const server = await withEurope(join(root, 'westeurope'));
    try {
      const ballast = join(root, 'ballast');
      await writeFile(ballast, new Uint8Array(8 * MIB)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      });
      const deposit = await postDeposit(server, {
        mailbox: '9876',
        messageId: 'waits',
        region: 'westeurope',
        bytes: new Uint8Array(MIB),
      });
      expect(deposit.status).toBe(202);
      const { checks } = await untilReady(server, false);
      const faulty = checks.filter(({ ok }) => !ok);
      expect(faulty).toMatchObject([
        { name: 'region t100/westeurope', detail: expect.stringMatching(/room|space|full/i) as string },
      ]);
      await postDeposit(server, { mailbox: '9877', messageId: 'goes-on' });
      await waitForLamp(server, '9877', (lamp) => lamp.new === 1);
      await writeFile(ballast, '');
      await waitForLamp(server, '9876', (lamp) => lamp.new === 1, { limitMs: 30_000 });
      await untilReady(server, true);
    } finally {
      await server.process.stop();
    }
  }, 90_000);

  it('that holds the log and is full refuses events with 503, says why, and takes them again when there is room', async (context: TestContext) => {
    const root = await tmpfs({ sizeBytes: 24 * MIB });
    if (root === undefined) context.skip();
    const server = await startServer({ dataDir: join(root, 'data') });
    try {
      await postDeposit(server, { mailbox: '9876', messageId: 'before' });
      await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
      const ballast = join(root, 'ballast');
      await writeFile(ballast, new Uint8Array(24 * MIB)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      });
      const refused = await postDeposit(server, {
        mailbox: '9876',
        messageId: 'refused',
        bytes: new Uint8Array(2 * MIB),
      });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      const { checks } = await untilReady(server, false);
      expect(checks.find(({ name }) => name === 'log')).toMatchObject({ ok: false });
      await writeFile(ballast, '');
      await untilReady(server, true);
      expect(
        (await postDeposit(server, { mailbox: '9876', messageId: 'after', bytes: new Uint8Array(2 * MIB) })).status,
      ).toBe(202);
      await waitForLamp(server, '9876', (lamp) => lamp.new === 2, { limitMs: 30_000 });
    } finally {
      await server.process.stop();
    }
  }, 90_000);

  it('that is not mounted is a region that is down, not an empty one, also across a restart', async () => {
    const root = join(await tempFolder(), 'westeurope');
    let server = await withEurope(root);
    await postDeposit(server, { mailbox: '9876', messageId: 'before', region: 'westeurope' });
    await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
    await rename(root, `${root}-away`);
    try {
      const { checks } = await untilReady(server, false);
      expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['region t100/westeurope']);
      expect((await postDeposit(server, { mailbox: '9876', messageId: 'after', region: 'westeurope' })).status).toBe(
        202,
      );
      expect((await server.call('GET', '/v1/mailboxes/9876/messages/before/media')).status).toBe(503);
      await server.process.stop();
      server = await startServer({ dataDir: server.dataDir, isReady: false });
      await waitFor(
        'it says that the region is down',
        () => report(server),
        ({ status }) => status === 'not-ready',
      );
      expect(await readdir(join(root, '..'))).toEqual(['westeurope-away']);
      await rename(`${root}-away`, root);
      await waitForLamp(server, '9876', (lamp) => lamp.new === 2, { limitMs: 30_000 });
      await untilReady(server, true);
    } finally {
      await server.process.stop();
    }
  }, 90_000);
});
