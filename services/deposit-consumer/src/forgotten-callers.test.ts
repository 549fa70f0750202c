import type { LogRecord } from '@voicemail/event-log';
import { CALLER, openGdprWorld, request, type GdprWorld } from '@voicemail/gdpr/testing';
import { readRecord, type TenantStores } from '@voicemail/message-store';
import { withFaults } from '@voicemail/object-store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { handleDeposit } from './handle-deposit.ts';
import { consumerOf, depositTaken } from './testing/gdpr-consumer.ts';

const FORGOTTEN = 20;
const DEPOSITS = 12;

let world: GdprWorld;
/** Calls of the master region's store, by what they are of. */
let calls: { ledger: number; other: number };
let stores: TenantStores;
beforeEach(async () => {
  world = await openGdprWorld();
  calls = { ledger: 0, other: 0 };
  stores = world.world.behind((store) =>
    withFaults(store, ({ moment, key }) => {
      if (moment === 'after') return;
      if (key?.startsWith('t100/gdpr/') === true) calls.ledger += 1;
      else calls.other += 1;
    }),
  );
});
afterEach(() => world[Symbol.asyncDispose]());

/** A process with its own memory of the ledger. */
function consumer(): (record: LogRecord) => Promise<void> {
  const context = consumerOf(world, stores);
  return (record) => handleDeposit(context, record);
}
const deposited = (messageId: string, callerId: string, atMs = world.clock.now()): LogRecord =>
  depositTaken(messageId, callerId, atMs);

async function forget(...phones: string[]): Promise<void> {
  const worker = world.worker();
  for (const [index, phone] of phones.entries()) {
    const at = new Date(world.clock.now()).toISOString();
    await worker.gdpr.take(worker.stores, request(`f${index}`, 'forgetme', at, phone), at);
  }
  await worker.work();
}
const recordOf = async (messageId: string) => (await readRecord(world.world.stores, '9876', messageId))?.value;

it('a deposit asks a store no more often where callers are forgotten than where none is', async () => {
  const deposits = async (prefix: string): Promise<typeof calls> => {
    const consume = consumer();
    await consume(deposited(`${prefix}-first`, '+15551213999'));
    calls = { ledger: 0, other: 0 };
    for (let index = 0; index < DEPOSITS; index += 1) await consume(deposited(`${prefix}-${index}`, '+15551213999'));
    return { ...calls };
  };
  const before = await deposits('before');
  expect(before.ledger).toBe(0);
  await forget(...Array.from({ length: FORGOTTEN }, (_, index) => `+155512140${String(index).padStart(2, '0')}`));
  expect(await deposits('after')).toEqual(before);
});

it('of a caller who is erased it is judged, and not stored, without a look at the ledger', async () => {
  const before = world.clock.now();
  await forget(CALLER);
  await world.worker().rule();
  expect(await world.worker().request('f0')).toMatchObject({ phase: 'erased' });
  const consume = consumer();
  await consume(deposited('first', '+15551213999'));
  calls = { ledger: 0, other: 0 };
  await consume(deposited('late', CALLER, before));
  expect(calls.ledger).toBe(0);
  expect(await recordOf('late')).toMatchObject({ gone: true, reason: 'forgetme' });
});

it('a consumer that was stopped knows it when it wakes up: it looks once, and judges by what it sees', async () => {
  const consume = consumer();
  const cutoff = world.clock.now();
  await consume(deposited('first', '+15551213999'));
  await forget(CALLER);
  // Stopped all the while; forty seconds of the monotonic clock are over.
  await world.clock.advance(40_000);
  calls = { ledger: 0, other: 0 };
  await consume(deposited('late', CALLER, cutoff));
  expect(await recordOf('late')).toMatchObject({ forgetRequestIds: ['f0'] });
  const looked = calls.ledger;
  expect(looked).toBeGreaterThan(0);
  await consume(deposited('later', CALLER, cutoff));
  expect(await recordOf('later')).toMatchObject({ forgetRequestIds: ['f0'] });
  expect(calls.ledger).toBe(looked);
});
