import { accountSas, azureServer, s3Server, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { cloudSite, credentialsText } from '../support/clouds.ts';
import { postDeposit, startServer, waitForLamp, type Server } from '../support/server.ts';

const HOUR_MS = 3_600_000;
/** Of the signature that ends during the test: long enough for a slow machine to put another in its place. */
const SIGNATURE_MS = 40_000;
/** Longer than a secret is used before its file is looked at again. */
const TAKEN_UP_MS = 6_000;
const now = (): number => new Date().getTime();
const SOUND = Buffer.from('RIFF the sound of a message');

const azure = await azureServer();
const s3 = await s3Server();
whenAvailable(azure, 'secrets of regions', (startAzure) => {
  whenAvailable(s3, 'and', (startS3) => {
    it('are exchanged while deposits go on, and not one call fails', async () => {
      const [azureAccount, s3Account] = await Promise.all([startAzure(), startS3({ accounts: true })]);
      const site = await cloudSite(azureAccount, s3Account, { signed: true });
      await s3Account.setAccounts({ first: 'secret-of-the-first' });
      await site.writeSecret('europe', accountSas(azureAccount, now() + HOUR_MS));
      await site.writeSecret('east', credentialsText('first', 'secret-of-the-first'));
      await site.writeTenants(['europe', 'east'], 'europe');
      const server = await startServer({ dataDir: site.dataDir });
      try {
        let posted = 0;
        const deposit = async (): Promise<void> => {
          for (const region of ['europe', 'east']) {
            posted += 1;
            const messageId = `message-${posted}`;
            const answer = await postDeposit(server, { mailbox: '9876', messageId, region, bytes: SOUND });
            expect(answer.status).toBe(202);
            await waitForLamp(server, '9876', (lamp) => lamp.new === posted);
            const heard = await server.call('GET', `/v1/mailboxes/9876/messages/${messageId}/media`);
            expect(Buffer.from(await heard.arrayBuffer())).toEqual(SOUND);
          }
        };
        const depositUntil = (what: string, done: () => boolean): Promise<boolean> =>
          waitFor(what, async () => deposit().then(done), Boolean, { limitMs: 120_000, everyMs: 1 });

        await deposit();
        const writtenAt = now();
        await site.writeSecret('europe', accountSas(azureAccount, writtenAt + SIGNATURE_MS));
        await depositUntil('the signature that ends soon is in use', () => now() > writtenAt + TAKEN_UP_MS);
        await site.writeSecret('europe', accountSas(azureAccount, now() + HOUR_MS));
        await s3Account.setAccounts({ first: 'secret-of-the-first', second: 'secret-of-the-second' });
        await site.writeSecret('east', credentialsText('second', 'secret-of-the-second'));
        // At once: what is not read anew by now is refused from here on.
        await s3Account.setAccounts({ second: 'secret-of-the-second' });
        await depositUntil('the signature has ended', () => now() > writtenAt + SIGNATURE_MS + 2_000);

        expect(await outcomesOf(server, 'voicemail_storage_calls_total')).toEqual(['done']);
        expect(await outcomesOf(server, 'voicemail_records_handled_total')).toEqual(['done']);
        expect((await server.call('GET', '/readyz')).status).toBe(200);
        const said = server.process.output();
        for (const secret of ['secret-of-the-first', 'secret-of-the-second', 'sig='])
          expect(said).not.toContain(secret);
      } finally {
        await server.process.stop();
      }
    }, 300_000);
  });
});

/** What became of the calls, or the records, that a metric counts. */
async function outcomesOf(server: Server, metric: string): Promise<readonly string[]> {
  const text = await (await server.call('GET', '/metrics')).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric}{`));
  const outcomes = lines.map((line) => /outcome="([^"]+)"/.exec(line)?.[1] ?? line);
  return [...new Set(outcomes)].toSorted();
}
