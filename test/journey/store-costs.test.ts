import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  callerHashes,
  deleteMessage,
  eraseMessage,
  markMessage,
  openMedia,
  readMessage,
  searchCaller,
  storeDeposit,
  type Deposit,
  type TenantStores,
} from '@voicemail/message-store';
import type { ObjectStore } from '@voicemail/object-store';
import { azureContainer, s3Bucket } from '@voicemail/object-store/testing';
import {
  azureServer,
  faultProxy,
  s3Server,
  whenAvailable,
  type FaultProxy,
  type SeenRequest,
} from '@voicemail/testing';
import { expect, it } from 'vitest';
import { azureClass, PRICE_CLASSES, s3Class, type PriceClass } from '../support/requests.ts';

const CALLER = '+15551212000';
const now = new Date().toISOString();
const BODY = Buffer.alloc(32 * 1024, 'sound');

const tenantOn = (store: ObjectStore): TenantStores => {
  const master = { name: 'master', store };
  const hashes = callerHashes(Buffer.alloc(32, 7).toString('base64'));
  return { tenant: 't100', defaultCountry: 'US', formerDefaultCountries: [], master, regions: [master], hashes };
};

const deposit = (messageId: string): Deposit => ({
  mailbox: '9876',
  messageId,
  callerId: CALLER,
  region: 'master',
  depositedAt: now,
  takenAt: now,
  priority: 'normal',
  private: false,
  durationMs: 1_000,
  media: { contentType: 'audio/wav', bytes: BODY },
});

type Counts = Readonly<Record<string, Readonly<Partial<Record<PriceClass, number>>>>>;

/** What each piece of work asks of the store, by what it is paid for as. */
async function measure(
  store: ObjectStore,
  { requests }: FaultProxy,
  classOf: (request: SeenRequest) => PriceClass,
): Promise<Counts> {
  const stores = tenantOn(store);
  const counts: Record<string, Partial<Record<PriceClass, number>>> = {};
  const count = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    requests.clear();
    await work();
    counts[what] = requests.tally(classOf);
  };
  await storeDeposit(stores, deposit('m0'), now);
  await count('a deposit', () => storeDeposit(stores, deposit('m1'), now));
  await count('listening', async () => {
    const message = await readMessage(stores, '9876', 'm1');
    await Array.fromAsync((await openMedia(stores, message!.value)).body);
  });
  await count('searching a caller with two messages', () => Array.fromAsync(searchCaller(stores, CALLER)));
  await count('marking a message', () => markMessage(stores, '9876', 'm1', 'request-1', now));
  await count('deleting a marked message', async () =>
    eraseMessage(stores, (await deleteMessage(stores, '9876', 'm1', 'forgetme', now))!),
  );
  await count('a look at the identity', async () => Array.fromAsync((await store.get('.identity'))?.body ?? []));
  await count('a check', () => store.check());
  return counts;
}

/** The rows of the page's table of what work costs. */
async function stated(page: string): Promise<Counts> {
  const path = fileURLToPath(new URL(join('../../docs', page), import.meta.url));
  const lines = (await readFile(path, 'utf8')).split('\n');
  const head = lines.findIndex((line) => /^\| work +\|/.test(line));
  const rows = lines.slice(head + 2, lines.indexOf('', head));
  return Object.fromEntries(
    rows.map((row) => {
      const [work = '', ...cells] = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      const counted = PRICE_CLASSES.map((name, at) => [name, Number(cells[at])] as const);
      return [work, Object.fromEntries(counted.filter(([, requests]) => requests > 0))];
    }),
  );
}

const azure = await azureServer();
whenAvailable(azure, 'what work costs on Azure', (start) => {
  it('is what docs/storage-azure.md states', async () => {
    const server = await start();
    const container = await azureContainer(server);
    const proxy = await faultProxy(server.url);
    const counts = await measure(await container.open({}, proxy.url), proxy, azureClass);
    await container.dispose();
    expect(await stated('storage-azure.md')).toEqual(counts);
  });
});

const s3 = await s3Server();
whenAvailable(s3, 'what work costs on S3', (start) => {
  it('is what docs/storage-s3.md states', async () => {
    const server = await start();
    const bucket = await s3Bucket(server);
    const proxy = await faultProxy(server.endpoint);
    const counts = await measure(await bucket.open({ endpoint: proxy.url }), proxy, s3Class);
    await bucket.dispose();
    expect(await stated('storage-s3.md')).toEqual(counts);
  });
});
