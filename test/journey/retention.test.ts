import { TOPICS } from '@voicemail/contracts';
import { waitFor } from '@voicemail/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { depositRecord, mailboxRecord } from '../support/events.ts';
import { lastLamps, openDeployment, type Deployment, type Running } from '../support/in-process.ts';

const HOUR_MS = 3_600_000;
let deployment: Deployment;
let running: Running;

beforeEach(async () => {
  deployment = await openDeployment();
  running = await deployment.run();
});
afterEach(async () => {
  await running.stop();
  await deployment.remove();
});

it('a message goes when the days of its mailbox are over, its lamp follows, and others stay', async () => {
  await running.log.append([
    mailboxRecord('9876', 'e1', 0, { retentionDays: 2 }),
    depositRecord('9876', 'short'),
    depositRecord('9877', 'kept'),
  ]);
  await running.settle();
  await deployment.clock.advance(47 * HOUR_MS);
  await running.settle();
  expect(await lastLamps(running.log)).toMatchObject({ 't100/9876': { new: 1 } });
  const lamps = async (): Promise<Readonly<Record<string, unknown>>> => {
    await deployment.clock.advance(HOUR_MS);
    return lastLamps(running.log);
  };
  const isOut = (seen: Readonly<Record<string, unknown>>): boolean => (seen['t100/9876'] as { new: number }).new === 0;
  expect(await waitFor('the lamp follows the sweep', lamps, isOut)).toMatchObject({ 't100/9877': { new: 1 } });
  const facts = await Array.fromAsync(running.log.read(TOPICS.messages));
  const last = JSON.parse(Buffer.from(facts.at(-1)?.value ?? []).toString()) as { data: object };
  expect(last.data).toMatchObject({ messageId: 'short', change: 'deleted', state: 'gone', reason: 'retention' });
});
