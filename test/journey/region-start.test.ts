import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { azureServer, s3Server, waitFor, whenAvailable, type AzureServer, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { cloudSite, type RegionName } from '../support/clouds.ts';
import { storedIn } from '../support/stored.ts';
import { postDeposit, startServer, waitForLamp, type Server } from '../support/server.ts';

const NAMES: readonly RegionName[] = ['west', 'europe', 'east'];
const SOUND = Buffer.from('RIFF the sound of a message');

const failing = async (server: Server): Promise<readonly string[]> => {
  const report = (await (await fetch(`${server.url}/readyz`)).json()) as { checks: { name: string; ok: boolean }[] };
  return report.checks.filter(({ ok }) => !ok).map(({ name }) => name);
};

/** The look at a region is repeated by the clock: it may be older than what was just done there. */
const waitForReady = (server: Server): Promise<readonly string[]> =>
  waitFor(
    'it is ready',
    () => failing(server),
    ({ length }) => length === 0,
  );

/** Another one may have been slow to answer its first look. */
const waitForFailing = (server: Server, names: readonly string[]): Promise<readonly string[]> =>
  waitFor(
    `${names.join(' and ')} alone cannot be reached`,
    () => failing(server),
    (found) => found.join() === names.join(),
  );

const azure = await azureServer();
const s3 = await s3Server();
whenAvailable(azure, 'a start with regions in the clouds', (startAzure) => {
  whenAvailable(s3, 'and', (startS3) => {
    let azureAccount: AzureServer;
    let s3Account: S3Server;
    beforeAll(async () => {
      [azureAccount, s3Account] = await Promise.all([startAzure(), startS3()]);
    });

    it('is not kept by a region that is down; what was deposited there meanwhile is stored when it is back', async () => {
      const site = await cloudSite(azureAccount, s3Account);
      await site.writeTenants(NAMES, 'west');
      const first = await startServer({ dataDir: site.dataDir });
      await first.process.stop();
      await s3Account.kill();
      const server = await startServer({ dataDir: site.dataDir, isReady: false });
      try {
        expect(await waitForFailing(server, ['region t100/east'])).toHaveLength(1);
        await postDeposit(server, { mailbox: '9876', messageId: 'waits', region: 'east', bytes: SOUND });
        await postDeposit(server, { mailbox: '9877', messageId: 'goes-on', region: 'europe', bytes: SOUND });
        await waitForLamp(server, '9877', (lamp) => lamp.new === 1);
        await s3Account.restart();
        await waitForLamp(server, '9876', (lamp) => lamp.new === 1, { limitMs: 60_000 });
        await waitForReady(server);
      } finally {
        await server.process.stop();
      }
    }, 120_000);

    it('waits for credentials that are not there yet', async () => {
      const site = await cloudSite(azureAccount, s3Account);
      const credentials = `[default]\naws_access_key_id = ${s3Account.accessKey}\naws_secret_access_key = ${s3Account.secretKey}\n`;
      await site.writeSecret('east', 'not yet');
      await site.writeTenants(['west', 'east'], 'east');
      const server = await startServer({ dataDir: site.dataDir, isReady: false });
      try {
        expect(await failing(server)).toContain('region t100/east');
        await postDeposit(server, { mailbox: '9876', messageId: 'waits', region: 'west', bytes: SOUND });
        await site.writeSecret('east', credentials);
        await waitForLamp(server, '9876', (lamp) => lamp.new === 1, { limitMs: 60_000 });
        await waitForReady(server);
      } finally {
        await server.process.stop();
      }
    }, 120_000);

    it('gives tenants that name no region the one of the deployment, several in one bucket', async () => {
      const site = await cloudSite(azureAccount, s3Account);
      const chart = ['t100', 't200'].map((id, index) => ({
        name: id,
        tenant_id: id,
        tenant_uuid: `2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7${index}`,
        status: 'ACTIVE',
      }));
      await writeFile(join(site.dataDir, 'tenants.json'), JSON.stringify(chart));
      const env = {
        DEFAULT_REGION: 'east',
        STORAGE_INTERFACE: 'S3',
        STORAGE_BUCKET: site.container,
        STORAGE_PREFIX: 'production/',
        STORAGE_REGION: s3Account.region,
        STORAGE_ENDPOINT: s3Account.endpoint,
        STORAGE_FORCE_PATH_STYLE: 'true',
        STORAGE_CREDENTIALS_FILE: 'east',
      };
      const server = await startServer({ dataDir: site.dataDir, env });
      try {
        await postDeposit(server, { mailbox: '9876', messageId: 'one', region: 'east', bytes: SOUND });
        await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
      } finally {
        await server.process.stop();
      }
      const { east } = await storedIn(site, azureAccount, s3Account);
      expect([...east.objects.keys()].toSorted()).toEqual([
        '.identity',
        't100/caller-hash-check.json',
        't100/mailboxes/9876/messages/one/media.wav',
        't100/mailboxes/9876/messages/one/metadata.json',
        't200/caller-hash-check.json',
      ]);
    });
  });
});
