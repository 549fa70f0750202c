import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TOPICS } from '@voicemail/contracts';
import type { NewRecord } from '@voicemail/event-log';
import {
  listDeadLetters,
  readRejected,
  searchCaller,
  sweepDeadLetters,
  type DeadLetterDocument,
} from '@voicemail/message-store';
import { waitFor } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actionRecord, depositRecord } from '../support/events.ts';
import { lastLamps, openDeployment, START, type Deployment, type Running } from '../support/in-process.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
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

const home = () => ({ tenant: running.tenants.byId('t100')?.stores ?? null, deployment: running.deployment });
const letters = (): Promise<DeadLetterDocument[]> => Array.fromAsync(listDeadLetters(home()));
const ownLetters = (): Promise<DeadLetterDocument[]> =>
  Array.fromAsync(listDeadLetters({ tenant: null, deployment: running.deployment }));

function changed(
  record: NewRecord,
  change: (event: { data: Record<string, unknown> } & Record<string, unknown>) => void,
): NewRecord {
  const event = JSON.parse(Buffer.from(record.value ?? []).toString()) as Parameters<typeof change>[0];
  change(event);
  return { ...record, value: Buffer.from(JSON.stringify(event)) };
}

const bad: readonly { reason: string; record: NewRecord; isOwn?: boolean }[] = [
  {
    reason: 'malformed',
    record: { topic: TOPICS.deposits, key: null, value: Buffer.from('not an event') },
    isOwn: true,
  },
  {
    reason: 'unknown-type',
    record: changed(depositRecord('9876', 'x'), (event) => (event['type'] = 'voicemail.other.v1')),
  },
  {
    reason: 'invalid-data',
    record: changed(depositRecord('9876', 'x'), ({ data }) => (data['mailbox'] = '../../etc')),
  },
  {
    reason: 'unknown-tenant',
    record: changed(depositRecord('9876', 'x'), ({ data }) => (data['tenant'] = 'nobody')),
    isOwn: true,
  },
  { reason: 'unknown-region', record: changed(depositRecord('9876', 'x'), ({ data }) => (data['region'] = 'mars')) },
  {
    reason: 'media-missing',
    record: changed(depositRecord('9876', 'x'), ({ data }) => {
      data['media'] = { contentType: 'audio/wav', stagedKey: 'staging/t100/none.wav' };
    }),
  },
];

describe('a record that can never be handled', () => {
  it.each(bad)(
    'becomes a dead letter $reason with its bytes kept, and holds up no good one',
    async ({ reason, record, isOwn }) => {
      await running.log.append([depositRecord('9876', 'before'), record, depositRecord('9876', 'after')]);
      await running.settle();
      const [letter, ...others] = await (isOwn === true ? ownLetters() : letters());
      expect(others).toEqual([]);
      expect(letter).toMatchObject({ reason, topic: TOPICS.deposits });
      if (isOwn === true) expect(Date.parse(letter!.expiresAt) - Date.parse(letter!.at)).toBe(DAY_MS);
      const where = isOwn === true ? { ...home(), tenant: null } : home();
      expect(await readRejected(where, letter!)).toEqual(Buffer.from(record.value ?? []));
      expect(await lastLamps(running.log)).toMatchObject({ 't100/9876': { new: 2 } });
    },
  );

  it('is announced without a word of what it held', async () => {
    await running.log.append([changed(depositRecord('9876', 'x'), ({ data }) => (data['region'] = 'mars'))]);
    await running.settle();
    const announced = await Array.fromAsync(running.log.read(TOPICS.deadLetters));
    const text = Buffer.from(announced[0]?.value ?? []).toString();
    expect(JSON.parse(text)).toMatchObject({
      type: 'voicemail.dead-letter.v1',
      data: { reason: 'unknown-region', partition: 0 },
    });
    expect(text).not.toMatch(/5551212000|sound/);
  });

  it('is found by its caller, and gone after 25 days', async () => {
    await running.log.append([changed(depositRecord('9876', 'x'), ({ data }) => (data['region'] = 'mars'))]);
    await running.settle();
    const stores = home().tenant!;
    const found = await Array.fromAsync(searchCaller(stores, '(555) 121-2000'));
    expect(found.map(({ owner }) => owner)).toEqual(['dead-letters']);
    const sweep = (afterMs: number) =>
      sweepDeadLetters(home(), {
        nowMs: deployment.clock.now() + afterMs,
        signal: new AbortController().signal,
        onFailure: (error) => {
          throw error;
        },
        onNotErased: ({ why }) => {
          throw new Error(why);
        },
      });
    expect(await sweep(25 * DAY_MS - 1)).toBe(0);
    expect(await sweep(25 * DAY_MS)).toBe(1);
    expect(await Array.fromAsync(searchCaller(stores, '(555) 121-2000'))).toEqual([]);
  });

  it('has the time at which it was left, as a message has', async () => {
    const time = new Date(START - HOUR_MS).toISOString();
    const record = depositRecord('9876', 'x', { time });
    const refused = [
      changed(record, ({ data }) => (data['region'] = 'mars')),
      changed(record, ({ data }) => (data['priority'] = 'none')),
    ];
    await running.log.append(refused);
    await running.settle();
    const found = await Array.fromAsync(searchCaller(home().tenant!, '(555) 121-2000'));
    expect(found.map((hit) => hit.time)).toEqual([time, time]);
  });

  it('is kept for a day where no caller could be read', async () => {
    await running.log.append([{ topic: TOPICS.deposits, key: null, value: Buffer.from('not an event') }]);
    await running.settle();
    const [letter] = await ownLetters();
    expect(Date.parse(letter!.expiresAt) - Date.parse(letter!.at)).toBe(DAY_MS);
  });
});

describe('an action', () => {
  it('waits for its message, which may come within the hour', async () => {
    await running.log.append([actionRecord('9876', 'm1', 'e1', 1, { action: 'delete' })]);
    await running.settle();
    await deployment.clock.advance(HOUR_MS / 2);
    await running.log.append([depositRecord('9876', 'm1')]);
    await running.settle();
    expect(await lastLamps(running.log)).toMatchObject({ 't100/9876': { new: 1 } });
    await deployment.clock.advance(HOUR_MS / 4);
    await running.settle();
    expect(await lastLamps(running.log)).toMatchObject({ 't100/9876': { new: 0 } });
    expect(await letters()).toEqual([]);
  });

  it('whose message does not come is a dead letter not-found after an hour', async () => {
    await running.log.append([actionRecord('9876', 'm1', 'e1', 1, { action: 'read' })]);
    await running.settle();
    await deployment.clock.advance(HOUR_MS * 0.9);
    await running.settle();
    expect(await letters()).toEqual([]);
    await deployment.clock.advance(HOUR_MS * 0.4);
    await running.settle();
    expect(await letters()).toMatchObject([{ reason: 'not-found', topic: TOPICS.messageActions }]);
  });
});

describe('a deposit that cannot be stored', () => {
  it('waits while its region is down, then becomes a dead letter in a region that is up, after 6 days', async () => {
    const region = join(deployment.folder, 'regions', 'westeurope');
    await rename(region, `${region}-away`);
    await running.log.append([depositRecord('9876', 'm1', { region: 'westeurope' }), depositRecord('9876', 'm2')]);
    const tenant = home().tenant!;
    const up = { ...home(), tenant: { ...tenant, regions: [tenant.master] } };
    const hourPasses = async (): Promise<DeadLetterDocument[]> => {
      await deployment.clock.advance(HOUR_MS);
      return Array.fromAsync(listDeadLetters(up));
    };
    const found = await waitFor('it is given up', hourPasses, ({ length }) => length > 0, { limitMs: 150_000 });
    expect(found).toMatchObject([{ reason: 'retries-exhausted', region: 'westus2' }]);
    expect(deployment.clock.now() - START).toBeGreaterThanOrEqual(6 * DAY_MS);
    expect(deployment.clock.now() - START).toBeLessThan(7 * DAY_MS);
    expect(await lastLamps(running.log)).toMatchObject({ 't100/9876': { new: 1 } });
  }, 200_000);
});

describe('a suspended tenant', () => {
  it('has its events wait as dead letters', async () => {
    const file = join(deployment.folder, 'tenants.json');
    const tenants = await readFile(file, 'utf8');
    await writeFile(file, tenants.replace('"ACTIVE"', '"SUSPENDED"'));
    await waitFor('the change is in force', async () => {
      await deployment.clock.advance(HOUR_MS);
      return running.tenants.byId('t100')?.tenant.status === 'SUSPENDED';
    });
    await running.log.append([depositRecord('9876', 'm1')]);
    await running.settle();
    expect(await letters()).toMatchObject([{ reason: 'tenant-suspended' }]);
  });
});
