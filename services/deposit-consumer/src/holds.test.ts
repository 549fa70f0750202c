import { depositRecord } from '@voicemail/contracts';
import { isStub } from '@voicemail/domain';
import type { LogRecord } from '@voicemail/event-log';
import { placeHold, releaseHold } from '@voicemail/gdpr';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from '@voicemail/gdpr/testing';
import { createLedgers, readRecord, type ServedTenant, type TenantDirectory } from '@voicemail/message-store';
import { createLogger, createMetrics, systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { handleDeposit, type HandlerContext } from './handle-deposit.ts';

let world: GdprWorld;
beforeEach(async () => {
  world = await openGdprWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

function consumer(): HandlerContext {
  const { clock, log } = world;
  const served = { tenant: { status: 'ACTIVE' }, stores: world.world.stores } as ServedTenant;
  const tenants = { byId: () => served } as unknown as TenantDirectory;
  const logger = createLogger({ level: 'silent', name: 'test' });
  return { log, tenants, ledgers: createLedgers(clock), clock, logger, metrics: createMetrics() };
}

function deposited(messageId: string, atMs: number): LogRecord {
  const at = new Date(atMs).toISOString();
  const record = depositRecord(
    {
      tenant: 't100',
      mailbox: '9876',
      messageId,
      callerId: CALLER,
      region: 'westus2',
      depositedAt: at,
      priority: 'normal',
      private: false,
      durationMs: 1_000,
      media: { contentType: 'audio/wav', base64: Buffer.from(`RIFF sound of ${messageId}`).toString('base64') },
    },
    { id: messageId, source: '/test', time: at },
  );
  return { ...record, partition: 0, offset: 0, appendedAt: atMs };
}

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
    await world.whileTimePasses(handleDeposit(consumer(), deposited(messageId, beforeMs)));
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
