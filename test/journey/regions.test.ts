import {
  accountSas,
  azureServer,
  makeContainer,
  s3Server,
  searchText,
  waitFor,
  whenAvailable,
  type AzureServer,
  type S3Server,
} from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { cloudSite, REGIONS, type CloudSite, type RegionName } from '../support/clouds.ts';
import { storedIn } from '../support/stored.ts';
import { allMessages, postDeposit, startServer, waitForLamp, type Server } from '../support/server.ts';

const NAMES: readonly RegionName[] = ['west', 'europe', 'east'];
const CALLER = '+1 555 867 5309';
const CANONICAL = '+15558675309';
/** How the number may look where it must not be. */
const NEEDLES = ['5558675309', '555 867 5309', '867%205309', '867-5309'];
const SOUND = Buffer.from('RIFF 0123456789 the sound of a message');

const inMessage = (id: string, file: string): string => `t100/mailboxes/9876/messages/${id}/${file}`;

const azure = await azureServer();
const s3 = await s3Server();
whenAvailable(azure, 'regions on every kind of store', (startAzure) => {
  whenAvailable(s3, 'and', (startS3) => {
    let azureAccount: AzureServer;
    let s3Account: S3Server;
    beforeAll(async () => {
      [azureAccount, s3Account] = await Promise.all([startAzure(), startS3()]);
    });

    const started = async (master: RegionName, regions = NAMES): Promise<{ site: CloudSite; server: Server }> => {
      const site = await cloudSite(azureAccount, s3Account);
      await site.writeTenants(regions, master);
      return { site, server: await startServer({ dataDir: site.dataDir }) };
    };

    describe.each(NAMES)('with the master region %s', (master) => {
      it(`on ${REGIONS[master]}: messages are deposited everywhere, listened to, read, forwarded and deleted`, async () => {
        const { site, server } = await started(master);
        try {
          for (const region of NAMES) {
            const answer = await postDeposit(server, {
              mailbox: '9876',
              messageId: region,
              callerId: CALLER,
              region,
              bytes: SOUND,
            });
            expect(answer.status).toBe(202);
          }
          await waitForLamp(server, '9876', (lamp) => lamp.new === 3);
          for (const region of NAMES) {
            const media = `/v1/mailboxes/9876/messages/${region}/media`;
            const whole = await server.call('GET', media);
            expect(Buffer.from(await whole.arrayBuffer())).toEqual(SOUND);
            const part = await server.call('GET', media, { headers: { range: 'bytes=5-14' } });
            expect([part.status, await part.text()]).toEqual([206, '0123456789']);
            const read = await server.call('PATCH', `/v1/mailboxes/9876/messages/${region}`, {
              body: { state: 'read' },
            });
            expect(read.status).toBe(200);
            const forwarded = await server.call('POST', `/v1/mailboxes/9876/messages/${region}/forward`, {
              body: { toMailbox: '42' },
            });
            expect(forwarded.status).toBe(201);
          }
          await waitForLamp(server, '9876', (lamp) => lamp.new === 0 && lamp.old === 3);
          await waitForLamp(server, '42', (lamp) => lamp.new === 3);
          const [copy] = await allMessages(server, '42');
          const heard = await server.call('GET', `/v1/mailboxes/42/messages/${copy?.messageId}/media`);
          expect(Buffer.from(await heard.arrayBuffer())).toEqual(SOUND);
          expect((await server.call('DELETE', '/v1/mailboxes/9876/messages/west')).status).toBe(204);
          await waitForLamp(server, '9876', (lamp) => lamp.old === 2);
        } finally {
          await server.process.stop();
        }

        const stored = await storedIn(site, azureAccount, s3Account);
        for (const region of NAMES) {
          const { objects, names } = stored[region];
          const keys = [...objects.keys()];
          expect(keys.some((key) => key.endsWith('/metadata.json'))).toBe(region === master);
          expect(keys.includes(inMessage(region, 'media.wav'))).toBe(region !== 'west');
          expect(keys.filter((key) => key.startsWith('t100/mailboxes/42/') && key.endsWith('/media.wav'))).toHaveLength(
            1,
          );
          expect(searchText(NEEDLES, names)).toEqual([]);
        }
        const tagOf = (region: RegionName, key: string): string | undefined =>
          stored[region].objects.get(key)?.['caller_id'];
        expect(tagOf('europe', inMessage('europe', 'media.wav'))).toBe(CANONICAL);
        expect(tagOf('east', inMessage('east', 'media.wav'))).toMatch(/^[0-9a-f]{64}$/);
        expect(tagOf(master, inMessage('east', 'metadata.json'))).toMatch(
          master === 'europe' ? /^\+15558675309$/ : /^[0-9a-f]{64}$/,
        );
      }, 90_000);
    });

    it('a region is added while the server runs, and one that is taken out takes no deposits any more', async () => {
      const { site, server } = await started('west', ['west', 'europe']);
      try {
        await site.writeTenants(NAMES, 'west');
        await waitFor(
          'the region is looked at',
          async () => (await reportOf(server)).checks.some(({ name, ok }) => name === 'region t100/east' && ok),
          Boolean,
          { limitMs: 30_000 },
        );
        await postDeposit(server, { mailbox: '9876', messageId: 'in-the-east', region: 'east', bytes: SOUND });
        await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
        const heard = await server.call('GET', '/v1/mailboxes/9876/messages/in-the-east/media');
        expect(Buffer.from(await heard.arrayBuffer())).toEqual(SOUND);
        await site.writeTenants(['west', 'east'], 'west');
        await waitFor(
          'a deposit for the region that is gone is refused',
          async () => (await postDeposit(server, { mailbox: '7', messageId: 'too-late', region: 'europe' })).status,
          (status) => status === 400,
          { limitMs: 30_000 },
        );
        expect((await server.call('GET', '/readyz')).status).toBe(200);
      } finally {
        await server.process.stop();
      }
    }, 90_000);

    it('a container that was made again is a region that is down, and not an empty one', async () => {
      const own = await startAzure();
      const site = await cloudSite(own, s3Account);
      await site.writeTenants(NAMES, 'west');
      const server = await startServer({ dataDir: site.dataDir });
      try {
        await postDeposit(server, { mailbox: '9876', messageId: 'before', region: 'europe', bytes: SOUND });
        await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
        // This server keeps everything in memory.
        await own.restart();
        const down = async (): Promise<string> => {
          const { checks } = await reportOf(server);
          return checks.find(({ name }) => name === 'region t100/europe')?.detail ?? '';
        };
        await waitFor('the container is missed', down, (detail) => detail.includes('ContainerNotFound'));
        await makeContainer(own, site.container);
        const why = 'the store is not the one it was: there is no .identity in it any more';
        await waitFor('the container is not believed', down, (detail) => detail.includes(why));
        expect((await server.call('GET', '/v1/mailboxes/9876/messages/before/media')).status).toBe(503);
        expect((await postDeposit(server, { mailbox: '9876', messageId: 'after', region: 'europe' })).status).toBe(202);
        await postDeposit(server, { mailbox: '9877', messageId: 'goes-on', region: 'east' });
        await waitForLamp(server, '9877', (lamp) => lamp.new === 1);
        const sas = accountSas(own, new Date().getTime() + 60_000);
        const listing = await fetch(`${own.url}/${site.container}?restype=container&comp=list&${sas}`);
        expect(await listing.text()).not.toContain('<Blob>');
      } finally {
        await server.process.stop();
      }
    }, 90_000);

    it('a region that goes down makes its deposits wait, and others go on; nothing is lost when it is back', async () => {
      const own = await startS3();
      const site = await cloudSite(azureAccount, own);
      await site.writeTenants(NAMES, 'west');
      const server = await startServer({ dataDir: site.dataDir });
      try {
        await postDeposit(server, { mailbox: '9876', messageId: 'before', region: 'east', bytes: SOUND });
        await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
        await own.kill();
        const report = await waitFor(
          'it says so',
          () => reportOf(server),
          ({ status }) => status === 'not-ready',
        );
        expect(report.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['region t100/east']);
        expect(
          (await postDeposit(server, { mailbox: '9876', messageId: 'after', region: 'east', bytes: SOUND })).status,
        ).toBe(202);
        expect((await server.call('GET', '/v1/mailboxes/9876/messages/before/media')).status).toBe(503);
        for (const region of ['west', 'europe']) {
          await postDeposit(server, { mailbox: '9877', messageId: region, region, bytes: SOUND });
        }
        await waitForLamp(server, '9877', (lamp) => lamp.new === 2);
        await own.restart();
        await waitForLamp(server, '9876', (lamp) => lamp.new === 2, { limitMs: 60_000 });
        await waitFor(
          'it is ready',
          () => reportOf(server),
          ({ status }) => status === 'ready',
        );
        const heard = await server.call('GET', '/v1/mailboxes/9876/messages/after/media');
        expect(Buffer.from(await heard.arrayBuffer())).toEqual(SOUND);
      } finally {
        await server.process.stop();
      }
    }, 120_000);
  });
});

interface Report {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
}

const reportOf = async (server: Server): Promise<Report> =>
  (await (await fetch(`${server.url}/readyz`)).json()) as Report;
