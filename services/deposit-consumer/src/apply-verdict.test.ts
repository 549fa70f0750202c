import { openGdprWorld, request, CALLER } from '@voicemail/gdpr/testing';
import { createLedgers } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import { expect, it } from 'vitest';
import { verdictOn } from './apply-verdict.ts';
import { classifyFailure } from './failure.ts';

const ENTRY = 't100/gdpr/ledger/000000000001';

it.each([
  ['is damaged', Buffer.from('not JSON')],
  ['is gone', null],
])('a ledger of which an entry %s keeps deposits waiting, and makes dead letters of none', async (_name, bytes) => {
  await using world = await openGdprWorld();
  const { stores } = world.world;
  const at = new Date(world.clock.now()).toISOString();
  const worker = world.worker();
  await worker.gdpr.take(stores, request('f1', 'forgetme', at, CALLER), at);
  await worker.work();
  const verdict = () => verdictOn({ ledgers: createLedgers(world.clock) }, stores, CALLER, at);
  expect(await verdict()).toEqual({ kind: 'mark', requestIds: ['f1'] });
  const { store } = stores.master;
  await store.delete(ENTRY);
  if (bytes !== null) await store.put(ENTRY, bytes, { contentType: 'application/json' });
  const failure = await verdict().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreError);
  expect(failure).toMatchObject({ kind: 'unavailable', retryable: true });
  expect(classifyFailure(failure)).toBe('in-place');
});
