import { isStub, isSwept } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';
import { listMailboxes, listRecords, readMailbox, type TenantStores } from '@voicemail/message-store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionRecord, depositRecord, mailboxRecord, type SomeAction } from '../support/events.ts';
import { lastLamps, objectsOf, openDeployment, type Deployment, type Running } from '../support/in-process.ts';

/** Each run opens a deployment on the disk. */
const RUNS = 25;
const LATEST_ACTION_MS = 10_000;
/** Longer than an action waits for its message. */
const WAIT_FOR_RETRIES_MS = 2 * 3_600_000;

const mailbox = fc.constantFrom('1001', '1002', '1003');
const messageId = fc.constantFrom('a', 'b', 'c');
const action: fc.Arbitrary<SomeAction> = fc.oneof(
  fc.record({ action: fc.constantFrom('read' as const, 'unread' as const, 'delete' as const) }),
  fc.record({ action: fc.constant('forward' as const), toMailbox: mailbox }),
);
/** Records with an id of their own each: what happens to messages that may or may not be there. */
const history: fc.Arbitrary<NewRecord[]> = fc
  .array(
    fc.oneof(
      fc.record({
        mailbox,
        messageId,
        priority: fc.constantFrom('normal' as const, 'urgent' as const),
        region: fc.constantFrom('westus2', 'westeurope'),
      }),
      fc.record({ mailbox, messageId, action, second: fc.integer({ min: 1, max: 5 }) }),
      fc.record({
        mailbox,
        members: fc.subarray(['agent1', 'agent2', 'agent3']),
        second: fc.integer({ min: 1, max: 5 }),
      }),
    ),
    { minLength: 1, maxLength: 14 },
  )
  .map((steps) =>
    steps.map((step, index) => {
      const id = `e${index}`;
      if ('members' in step) {
        return mailboxRecord(step.mailbox, id, step.second, { kind: 'group', members: step.members, status: 'active' });
      }
      if ('action' in step) return actionRecord(step.mailbox, step.messageId, id, step.second, step.action);
      return depositRecord(step.mailbox, step.messageId, { priority: step.priority, region: step.region });
    }),
  );

describe('the log of a deployment', () => {
  it('taken again from the start, interleaved otherwise across mailboxes, gives the same files, counts and revisions', async () => {
    const again = history.chain((records) => fc.tuple(fc.constant(records), acrossMailboxes(records)));
    await fc.assert(
      fc.asyncProperty(again, async ([records, reordered]) => {
        await inDeployment(async (deployment, running) => {
          await takeAll(deployment, running, records);
          const before = await standing(deployment, running);
          await takeAll(deployment, running, reordered);
          expect(await standing(deployment, running)).toEqual(before);
        });
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('in whatever order the deposits, reads and deletes of a mailbox come, ends with the same messages, and what was deleted stays so', async () => {
    const shuffled = history
      .map((records) => oneDepositEach(records.filter(isNoForward)))
      .chain((records) => fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })));
    await fc.assert(
      fc.asyncProperty(shuffled, async ([records, reordered]) => {
        const ends: unknown[] = [];
        for (const order of [records, reordered]) {
          await inDeployment(async (deployment, running) => {
            await takeAll(deployment, running, order);
            ends.push(await endOf(running));
          });
        }
        expect(ends[1]).toEqual(ends[0]);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

async function inDeployment(run: (deployment: Deployment, running: Running) => Promise<void>): Promise<void> {
  const deployment = await openDeployment();
  try {
    const running = await deployment.run();
    await run(deployment, running);
    await running.stop();
  } finally {
    await deployment.remove();
  }
}

/**
 * Appends the records after their time, for one that claims to come from the future is dated by the log, and so not the
 * same when it is published again. Lets the actions that came before their message find it, or give up.
 */
async function takeAll(deployment: Deployment, running: Running, records: readonly NewRecord[]): Promise<void> {
  await deployment.clock.advance(LATEST_ACTION_MS);
  for (const record of records) await running.log.append([record]);
  await running.settle();
  for (let waitedMs = 0; waitedMs < WAIT_FOR_RETRIES_MS; waitedMs += 600_000) {
    await deployment.clock.advance(600_000);
    await running.settle();
  }
}

/** Everything that a repetition must not change. Dead letters are left out: a record that comes again is another record. */
async function standing(deployment: Deployment, running: Running): Promise<unknown> {
  const objects = Object.entries(await objectsOf(deployment)).filter(([path]) => !path.includes('dead-letters'));
  const lamps = await lastLamps(running.log);
  // Of a mailbox that holds nothing but the claim of a forward that was taken back, the reconciler alone tells, whenever it passes by.
  for (const number of await neverUsed(running)) delete lamps[`t100/${number}`];
  return { objects: Object.fromEntries(objects), lamps };
}

async function neverUsed(running: Running): Promise<readonly string[]> {
  const stores = storesOf(running);
  const found: string[] = [];
  for await (const number of listMailboxes(stores)) {
    const records = await Array.fromAsync(listRecords(stores, number));
    const isUsed = records.some(({ value }) => !isStub(value) || !isSwept(value));
    if (!isUsed && (await readMailbox(stores, number)) === null) found.push(number);
  }
  return found;
}

/** The records in another order that keeps that of each mailbox. */
function acrossMailboxes(records: readonly NewRecord[]): fc.Arbitrary<NewRecord[]> {
  const keys = records.map(({ key }) => key);
  return fc.shuffledSubarray(keys, { minLength: keys.length }).map((order) => {
    const queues = Map.groupBy(records, ({ key }) => key);
    return order.flatMap((key) => queues.get(key)?.shift() ?? []);
  });
}

const textOf = (record: NewRecord): string => Buffer.from(record.value ?? []).toString();
const isNoForward = (record: NewRecord): boolean => !textOf(record).includes('"forward"');

/** Of deposits under one id the first one counts; which that is depends on the order, so each id is deposited once. */
function oneDepositEach(records: readonly NewRecord[]): NewRecord[] {
  const seen = new Set<string>();
  return records.filter((record) => {
    const name = `${record.key} ${/"messageId":"(\w)"/.exec(textOf(record))?.[1]}`;
    if (!record.topic.endsWith('deposits')) return true;
    return !seen.has(name) && seen.add(name);
  });
}

function storesOf({ tenants }: Running): TenantStores {
  const stores = tenants.byId('t100')?.stores;
  if (stores === undefined) throw new Error('the tenant is not served');
  return stores;
}

/** Each message with its state, or that it is gone, and the lamps, which must say the same. */
async function endOf(running: Running): Promise<unknown> {
  const stores = storesOf(running);
  const messages: Record<string, string> = {};
  const lamps = await lastLamps(running.log);
  for await (const number of listMailboxes(stores)) {
    const counts = { new: 0, old: 0 };
    for await (const { value: record } of listRecords(stores, number)) {
      messages[`${number}/${record.messageId}`] = isStub(record) ? 'gone' : record.state;
      if (!isStub(record)) counts[record.state] += 1;
    }
    if (counts.new + counts.old > 0) expect(lamps[`t100/${number}`]).toMatchObject(counts);
  }
  return messages;
}
