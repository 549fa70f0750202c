import { join } from 'node:path';
import { openFileSystemStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTempFolder, waitFor } from '@voicemail/testing';
import { postDeposit, startServer, waitForLamp, type Server } from '../support/server.ts';

const CALLER = '+15551212000';
const DAY_MS = 86_400_000;

let server: Server;
let folder: Awaited<ReturnType<typeof openTempFolder>>;
beforeAll(async () => {
  folder = await openTempFolder();
  server = await startServer({ dataDir: folder.path });
}, 90_000);
afterAll(async () => {
  await server.process.stop();
  await folder[Symbol.asyncDispose]();
});

/** As a lifecycle rule of the store's own, or a person at the volume: every marked object of a region goes. */
async function deleteMarked(region: string): Promise<number> {
  const root = join(folder.path, 'regions', region);
  const store = await openFileSystemStore({ root, region, clock: systemClock(), ids: systemIds() });
  let deleted = 0;
  for await (const { key } of store.list('t100/mailboxes/')) {
    if ((await store.head(key))?.tags['forgetme'] === 'true' && (await store.delete(key))) deleted += 1;
  }
  return deleted;
}

/** A day goes by for the marks: no rule of a store's own acts sooner, so ours does not take a mark alone for its work. */
async function ageMarks(region: string): Promise<number> {
  const root = join(folder.path, 'regions', region);
  const store = await openFileSystemStore({ root, region, clock: systemClock(), ids: systemIds() });
  let aged = 0;
  for await (const { key } of store.list('t100/index/forgetme/')) {
    const reader = await store.get(key);
    if (reader === null) continue;
    const mark = JSON.parse(Buffer.concat(await Array.fromAsync(reader.body)).toString()) as { notedAt: string };
    const notedAt = new Date(Date.parse(mark.notedAt) - DAY_MS).toISOString();
    await store.put(key, Buffer.from(JSON.stringify({ ...mark, notedAt })), {
      contentType: 'application/json',
      condition: { etag: reader.info.etag },
      tags: reader.info.tags,
    });
    aged += 1;
  }
  return aged;
}

it('what a store deleted behind our back leaves the lamp with the next run of the rule, and the request is erased', async () => {
  await postDeposit(server, { mailbox: '9876', messageId: 'm1', callerId: CALLER });
  await postDeposit(server, { mailbox: '9876', messageId: 'm2', callerId: CALLER, region: 'westeurope' });
  await postDeposit(server, { mailbox: '9876', messageId: 'other', callerId: '+15551212999' });
  await waitForLamp(server, '9876', (lamp) => lamp.new === 3);
  const body = { consumer: [{ phone: CALLER }] };
  const { requestId, status } = await server.json<{ requestId: string; status: string }>(
    'POST',
    '/v1/gdpr/forgetme?waitSeconds=60',
    { body },
  );
  expect(status).toBe('marked');
  expect((await deleteMarked('westus2')) + (await deleteMarked('westeurope'))).toBe(4);

  expect(await ageMarks('westus2')).toBe(2);

  expect(await server.json('POST', '/v1/operations/forget-run', { body: {} })).toMatchObject({ deleted: 0, kept: 0 });
  await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
  const list = await server.json<{ items: { messageId: string }[] }>('GET', '/v1/mailboxes/9876/messages');
  expect(list.items.map(({ messageId }) => messageId)).toEqual(['other']);
  const asked = (): Promise<{ status: string }> => server.json('GET', `/v1/gdpr/requests/${requestId}`);
  await waitFor('the request is erased', asked, (found) => found.status === 'erased', { limitMs: 60_000 });
}, 120_000);
