import { readdir } from 'node:fs/promises';
import { isLongForm, isWhole, tempFolder, waitFor } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { countSteps, lastStep, tabulate } from '../support/steps.ts';
import { allMessages, postDeposit, startServer, type Lamp, type Server } from '../support/server.ts';

const KILLS = isLongForm() ? 50 : isWhole() ? 20 : 10;
/** The kills come in turn after the first step of a burst, after the second that differs, and so on: a deposit has about as many. */
const STEPS_IN_TURN = 10;
/** More than so many different steps: kills that all come after the same one show nothing. */
const LEAST_DISTINCT_STEPS = 3;
const MAILBOXES = ['1001', '1002', '1003'];
/** A burst that shows nothing new any more is killed then. */
const LONGEST_BURST_MS = 1_000;
const CALLS_AT_ONCE = 3;
/** For what the kills left to be done. */
const BACKLOG_LIMIT_MS = 100_000;
const SWEEP_LIMIT_MS = 30_000;

it(`what was acknowledged is stored once and counted once after each of ${KILLS} SIGKILLs in a burst of deposits`, async () => {
  const dataDir = await tempFolder();
  const acknowledged = new Map<string, Set<string>>(MAILBOXES.map((mailbox) => [mailbox, new Set()]));
  const steps = new Map<string, number>();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const server = await startServer({ dataDir, env: { LOG_LEVEL: 'trace' } });
    const burst = burstUntilKilled(server, kill, acknowledged);
    await untilSteps(server, kill % STEPS_IN_TURN);
    server.process.signal('SIGKILL');
    await burst;
    await server.process.exited;
    const step = lastStep(server.process.stdout());
    steps.set(step, (steps.get(step) ?? 0) + 1);
  }
  process.stdout.write(`Steps that the ${KILLS} kills came after:\n${tabulate(steps)}`);
  expect(steps.size).toBeGreaterThan(LEAST_DISTINCT_STEPS);

  const server = await startServer({ dataDir });
  for (const [mailbox, ids] of acknowledged) {
    const stored = async (): Promise<string[]> =>
      (await allMessages(server, mailbox)).map(({ messageId }) => messageId);
    const isComplete = (names: string[]): boolean => [...ids].every((id) => names.includes(id));
    const names = await waitFor(`all of ${mailbox} is stored`, stored, isComplete, { limitMs: BACKLOG_LIMIT_MS });
    expect(new Set(names).size).toBe(names.length);
  }
  // What was in the log but not acknowledged yet is stored too: the lamps show all of it.
  for (const mailbox of acknowledged.keys()) {
    const isSame = async (): Promise<boolean> => {
      const lamp = await server.json<Lamp>('GET', `/v1/mwi/${mailbox}`);
      return !lamp.stale && lamp.new === (await allMessages(server, mailbox)).length;
    };
    await waitFor(`the lamp of ${mailbox} shows what is stored`, isSame, Boolean, { limitMs: BACKLOG_LIMIT_MS });
  }
  expect([...acknowledged.values()].reduce((sum, ids) => sum + ids.size, 0)).toBeGreaterThan(KILLS);
  expect(await server.process.stop()).toEqual({ code: 0, signal: null });
  await expectSweptLater(dataDir);
}, 600_000);

/** Waits for so many different steps of the process, or for the longest burst: a step counts from when it is read, not at the next look. */
async function untilSteps(server: Server, steps: number): Promise<void> {
  const before = countSteps(server.process.stdout());
  const end = performance.now() + LONGEST_BURST_MS;
  while (countSteps(server.process.stdout()) - before < steps && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Deposits as fast as it can until the server is gone, and notes what was acknowledged with 202. */
async function burstUntilKilled(server: Server, kill: number, acknowledged: Map<string, Set<string>>): Promise<void> {
  let count = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const mailbox = MAILBOXES[count % MAILBOXES.length] ?? '1001';
      const messageId = `k${kill}-${(count += 1)}`;
      const answer = await postDeposit(server, { mailbox, messageId, callerId: '+15551212000' }).catch(() => null);
      if (answer === null) return;
      if (answer.status === 202) acknowledged.get(mailbox)?.add(messageId);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, client));
}

/** What is half-written may be another host's work for an hour; after that it goes. */
async function expectSweptLater(dataDir: string): Promise<void> {
  const server = await startServer({ dataDir, env: { CLOCK_OFFSET: 'PT2H' } });
  const temporaries = async (): Promise<string[]> =>
    (await readdir(dataDir, { recursive: true })).filter((file) => /(^|\/)\.tmp\//.test(file));
  const isEmpty = (left: readonly string[]): boolean => left.length === 0;
  await waitFor('what the kills left half-written is swept', temporaries, isEmpty, { limitMs: SWEEP_LIMIT_MS });
  expect(await server.process.stop()).toEqual({ code: 0, signal: null });
}
