import { topicCatalogue, TOPICS } from '@voicemail/contracts';
import { DEPOSIT_CONSUMER_GROUP } from '@voicemail/deposit-consumer';
import { recording, searchBytes, searchText, waitFor } from '@voicemail/testing';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileOfCounts, openLogOf } from '../support/seen-inside.ts';
import { postDeposit, postEvent, startServer, waitForLamp, type Server } from '../support/server.ts';

/** Numbers and names that stand nowhere else. */
const CALLERS = ['+1 555 867 5309', 'sip:+15558675310@caller.example.net', 'Marked.Caller-Name'];
const NEEDLES = ['5558675309', '555 867 5309', '5558675310', 'Marked.Caller-Name', 'marked.caller-name', '127.0.0.1'];
const CALLER_NEEDLES = NEEDLES.filter((needle) => needle !== '127.0.0.1');

it('no caller and no IP address gets into logs, metrics, facts, lamps or file names', async () => {
  const server = await startServer({ env: { LOG_LEVEL: 'trace' } });
  try {
    await runEverything(server);
    const pages = ['/metrics', '/readyz', '/v1/mailboxes', '/v1/mwi/9876', '/v1/users/agent1/mwi', '/v1/dead-letters'];
    for (const page of pages) {
      const text = await (await server.call('GET', page)).text();
      expect({ page, found: searchText(CALLER_NEEDLES, text) }).toEqual({ page, found: [] });
    }
  } finally {
    await server.process.stop();
  }
  // The announcement on a terminal says where the server listens; what is logged names no address.
  expect(searchText(NEEDLES, server.process.output())).toEqual([]);
  const published = await publishedBy(server.dataDir);
  expect(Object.values(TOPICS).filter((topic) => published.includes(`${topic}\n`))).toEqual(
    expect.arrayContaining([TOPICS.messages, TOPICS.mwi, TOPICS.deadLetters]),
  );
  expect(searchText(CALLER_NEEDLES, published)).toEqual([]);
  const names = await readdir(server.dataDir, { recursive: true });
  expect(searchText(CALLER_NEEDLES, names.join('\n'))).toEqual([]);
  const counts = await fileOfCounts(server.dataDir);
  expect(await searchBytes(CALLER_NEEDLES, [counts, join(server.dataDir, 'seen')])).toEqual([]);
}, 60_000);

/** Every record of the topics that others read, as text. */
async function publishedBy(dataDir: string): Promise<string> {
  const topics = topicCatalogue({ deposits: [DEPOSIT_CONSUMER_GROUP], gdprRequests: [] });
  const log = await openLogOf(dataDir, topics);
  const texts: string[] = [];
  for (const { name } of topics.filter(({ direction }) => direction === 'out')) {
    for await (const { key, value, headers } of log.read(name)) {
      texts.push(name, String(key), JSON.stringify(headers), Buffer.from(value ?? []).toString());
    }
  }
  await log.close();
  return texts.join('\n');
}

async function runEverything(server: Server): Promise<void> {
  const { bytes, contentType } = await recording('wav-pcm', 1);
  for (const [index, callerId] of CALLERS.entries()) {
    await postDeposit(server, { mailbox: '9876', messageId: `marked-${index}`, callerId, bytes, contentType });
  }
  await waitForLamp(server, '9876', (lamp) => lamp.new === CALLERS.length);
  await server.call('PUT', '/v1/mailboxes/9876', { body: { kind: 'personal', owner: 'agent1' } });
  await server.call('PATCH', '/v1/mailboxes/9876/messages/marked-0', { body: { state: 'read' } });
  await server.call('POST', '/v1/mailboxes/9876/messages/marked-0/forward', { body: { toMailbox: '42' } });
  await server.call('DELETE', '/v1/mailboxes/9876/messages/marked-1');
  // What is refused, and what becomes a dead letter, must not be repeated either.
  const data = { tenant: 't100', mailbox: CALLERS[0], messageId: CALLERS[1], callerId: CALLERS[0], region: CALLERS[2] };
  await postEvent(server, 'voicemail.deposits', 'voicemail.deposit.v1', data, CALLERS[0] ?? '');
  await postDeposit(server, {
    mailbox: '9876',
    messageId: 'marked-0',
    callerId: CALLERS[0] ?? '',
    bytes: Buffer.from('other'),
  });
  await waitFor(
    'the conflict is a dead letter',
    () => server.json<{ items: unknown[] }>('GET', '/v1/dead-letters'),
    ({ items }) => items.length === 1,
  );
}
