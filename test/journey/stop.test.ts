import { expect, it } from 'vitest';
import { allMessages, postDeposit, startServer, waitForLamp } from '../support/server.ts';

const CLIENTS = 8;
const DRAIN_LIMIT_MS = 10_000;

it('SIGTERM under load ends the process with 0 within 10 s, and nothing that was acknowledged is lost', async () => {
  const first = await startServer();
  const acknowledged: string[] = [];
  let count = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const messageId = `m${(count += 1)}`;
      const answer = await postDeposit(first, { mailbox: '9876', messageId }).catch(() => null);
      if (answer === null || answer.status === 503) return;
      if (answer.status === 202) acknowledged.push(messageId);
      if (acknowledged.length === 100) first.process.signal('SIGTERM');
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const startMs = performance.now();
  expect(await first.process.exited, `it said: ${first.process.output()}`).toEqual({ code: 0, signal: null });
  expect(performance.now() - startMs).toBeLessThan(DRAIN_LIMIT_MS);

  const second = await startServer({ dataDir: first.dataDir });
  await waitForLamp(second, '9876', (lamp) => !lamp.stale && lamp.new >= acknowledged.length, { limitMs: 60_000 });
  const stored = new Set((await allMessages(second, '9876')).map(({ messageId }) => messageId));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(await second.process.stop()).toEqual({ code: 0, signal: null });
}, 120_000);
