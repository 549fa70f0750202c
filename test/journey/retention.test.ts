import { TOPICS } from '@voicemail/contracts';
import { placeHold, releaseHold } from '@voicemail/gdpr';
import { createLedgers, readMessage } from '@voicemail/message-store';
import { systemIds } from '@voicemail/runtime';
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

it('what is under a legal hold stays when its days are over, and goes when the hold is released', async () => {
  await running.log.append([
    mailboxRecord('9876', 'e1', 0, { retentionDays: 2 }),
    depositRecord('9876', 'held'),
    depositRecord('9876', 'short'),
  ]);
  await running.settle();
  const stores = running.tenants.byId('t100')?.stores;
  if (stores === undefined) throw new Error('the tenant is not served');
  const { clock } = deployment;
  const office = { ledgers: createLedgers(clock), clock, ids: systemIds() };
  const on = { mailbox: '9876', messageId: 'held' };
  const { holdId } = await placeHold(office, stores, { on, reason: 'case 4711', until: null });
  await clock.advance(47 * HOUR_MS);
  const isLeft = async (messageId: string): Promise<boolean> => {
    await clock.advance(HOUR_MS);
    return (await readMessage(stores, '9876', messageId)) !== null;
  };
  await waitFor(
    'what is not held goes',
    () => isLeft('short'),
    (left) => !left,
  );
  // The sweep that took the other one came by it; so do these.
  for (let hours = 0; hours < 3; hours += 1) expect(await isLeft('held')).toBe(true);
  await releaseHold(office, stores, holdId);
  await waitFor(
    'it goes when the hold is over',
    () => isLeft('held'),
    (left) => !left,
  );
});
