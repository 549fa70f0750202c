import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isLongForm, tempFolder, waitFor } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { allMessages, postDeposit, postEvent, startServer, type Lamp, type Server } from '../support/server.ts';

const KILLS = isLongForm() ? 30 : 5;
const MAILBOXES = ['1001', '1002'];
/** Long enough that some kills find everything moved, short enough that most do not. */
const LONGEST_BURST_MS = 1_500;
const CALLS_AT_ONCE = 2;
/** Of so many deposits one is deleted again. */
const DELETE_EVERY = 5;
const BACKLOG_LIMIT_MS = 250_000;
const COPY = '/v1/operations/storage-copy';
const ROUTE = { from: 'westeurope', to: 'westus2' };

/** Deposits before each kill. */
const LEAST_EACH = 4;

/** What was acknowledged with 202, by mailbox. */
type Acknowledged = ReadonlyMap<string, { readonly deposits: Set<string>; readonly deletes: Set<string> }>;

it(`a region is brought over while deposits, deletions and reads go on, through ${KILLS} SIGKILLs, and all of it is there once`, async () => {
  const dataDir = await tempFolder();
  const acknowledged: Acknowledged = new Map(
    MAILBOXES.map((mailbox) => [mailbox, { deposits: new Set(), deletes: new Set() }]),
  );
  for (let kill = 0; kill < KILLS; kill += 1) {
    const server = await startServer({ dataDir });
    await server.json('POST', COPY, { body: ROUTE });
    const burst = burstUntilKilled(server, kill, acknowledged);
    const before = countOf(acknowledged);
    await new Promise((resolve) => setTimeout(resolve, (LONGEST_BURST_MS * (kill + 1)) / KILLS));
    await waitFor('something was taken', () => countOf(acknowledged) >= before + LEAST_EACH);
    server.process.signal('SIGKILL');
    await burst;
    await server.process.exited;
  }

  const server = await startServer({ dataDir });
  for (const [mailbox, { deposits, deletes }] of acknowledged) {
    const expected = [...deposits].filter((id) => !deletes.has(id));
    const isSettled = (all: readonly { readonly messageId: string }[]): boolean => {
      const ids = new Set(all.map(({ messageId }) => messageId));
      return expected.every((id) => ids.has(id)) && [...deletes].every((id) => !ids.has(id));
    };
    await waitFor(`all of ${mailbox} is stored`, () => allMessages(server, mailbox), isSettled, {
      limitMs: BACKLOG_LIMIT_MS,
    });
  }
  await server.json('POST', COPY, { body: ROUTE });
  const copy = await waitFor(
    'the copy is done',
    () => server.json<{ state: string }>('GET', COPY),
    ({ state }) => state !== 'running',
    { limitMs: BACKLOG_LIMIT_MS },
  );
  expect(copy).toMatchObject({ state: 'done', items: [{ failed: 0, isComplete: true }] });
  for (const mailbox of MAILBOXES) {
    const all = await allMessages(server, mailbox);
    expect(new Set(all.map(({ messageId }) => messageId)).size).toBe(all.length);
    for (const { messageId, region } of all) {
      expect(region).toBe('westus2');
      const media = await server.call('GET', `/v1/mailboxes/${mailbox}/messages/${messageId}/media`);
      expect(await media.text()).toBe(`RIFF sound of ${messageId}`);
    }
    const lamp = await server.json<Lamp>('GET', `/v1/mwi/${mailbox}`);
    expect(lamp).toMatchObject({ new: all.length, stale: false });
  }
  const left = await readdir(join(dataDir, 'regions/westeurope'), { recursive: true });
  expect(left.filter((path) => path.endsWith('/media.wav'))).toEqual([]);
  const count = countOf(acknowledged);
  process.stdout.write(`${count} deposits, moved while ${KILLS} processes were killed\n`);
  expect(count).toBeGreaterThanOrEqual(KILLS * LEAST_EACH);
  expect(await server.process.stop()).toEqual({ code: 0, signal: null });
}, 600_000);

const countOf = (acknowledged: Acknowledged): number =>
  [...acknowledged.values()].reduce((sum, { deposits }) => sum + deposits.size, 0);

/** Deposits, reads and deletes until the server is gone, and notes what was acknowledged. */
async function burstUntilKilled(server: Server, kill: number, acknowledged: Acknowledged): Promise<void> {
  let count = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      count += 1;
      const mailbox = MAILBOXES[count % MAILBOXES.length] ?? '1001';
      const messageId = `k${kill}-${count}`;
      const known = acknowledged.get(mailbox);
      const deposit = { mailbox, messageId, callerId: '+15551212000', region: 'westeurope' };
      const answer = await postDeposit(server, deposit).catch(() => null);
      if (answer === null) return;
      if (answer.status === 202) known?.deposits.add(messageId);
      const isHeard = await listen(server, mailbox, [...(known?.deposits ?? [])][0]);
      if (!isHeard) return;
      if (count % DELETE_EVERY !== 0) continue;
      const data = { tenant: 't100', mailbox, messageId, action: 'delete', at: new Date().toISOString() };
      const topic = 'voicemail.message-actions';
      const deleted = await postEvent(server, topic, 'voicemail.message-action.v1', data, `delete-${messageId}`).catch(
        () => null,
      );
      if (deleted === null) return;
      if (deleted.status === 202) known?.deletes.add(messageId);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, client));
}

/** A recording that is there comes whole, wherever it lies. @returns false where the server is gone. */
async function listen(server: Server, mailbox: string, messageId: string | undefined): Promise<boolean> {
  if (messageId === undefined) return true;
  try {
    const answer = await server.call('GET', `/v1/mailboxes/${mailbox}/messages/${messageId}/media`);
    const text = await answer.text();
    if (answer.status === 200) expect(text).toBe(`RIFF sound of ${messageId}`);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
