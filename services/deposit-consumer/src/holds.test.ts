import { isStub } from '@voicemail/domain';
import { placeHold, releaseHold } from '@voicemail/gdpr';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from '@voicemail/gdpr/testing';
import { createLedgers, readRecord } from '@voicemail/message-store';
import { systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { handleDeposit } from './handle-deposit.ts';
import { consumerOf, depositTaken } from './testing/gdpr-consumer.ts';

let world: GdprWorld;
beforeEach(async () => {
  world = await openGdprWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

it('of an erased caller, what comes late is not stored though there is a hold; what stands there stays until the hold ends', async () => {
  const { stores } = world.world;
  const { clock } = world;
  const worker = world.worker();
  const beforeMs = clock.now();
  const before = new Date(beforeMs).toISOString();
  await worker.gdpr.take(stores, request('f1', 'forgetme', before, CALLER), before);
  await worker.work();
  await worker.rule();
  expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });

  // As after a backup was restored.
  await world.deposit({ messageId: 'restored', depositedAt: before, takenAt: before });
  const office = { ledgers: createLedgers(clock), clock, ids: systemIds() };
  const wish = { on: { phone: CALLER }, reason: 'case 4711', until: null };
  const { holdId } = await placeHold(office, stores, wish);
  const record = async (messageId: string) => (await readRecord(stores, '9876', messageId))?.value;
  for (const messageId of ['late', 'restored']) {
    await world.whileTimePasses(handleDeposit(consumerOf(world, stores), depositTaken(messageId, CALLER, beforeMs)));
  }
  expect(await record('late')).toMatchObject({ gone: true, reason: 'forgetme' });
  expect(await record('restored')).toMatchObject({ messageId: 'restored', forgetRequestIds: ['f1'] });

  await clock.advance(8 * DAY_MS);
  await worker.rule();
  expect(await record('restored')).not.toHaveProperty('gone');
  await releaseHold(office, stores, holdId);
  await worker.rule();
  const left = await record('restored');
  expect(left !== undefined && isStub(left)).toBe(true);
});
