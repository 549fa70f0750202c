import { createLedgers } from '@voicemail/message-store';
import { systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { placeHold } from './holds.ts';
import { CALLER, openGdprWorld, request, type GdprWorld } from './testing/gdpr-world.ts';

const HOLDS = 150;

let world: GdprWorld;
beforeEach(async () => {
  world = await openGdprWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** A process, with its own memory of the ledger, that is asked for many holds at once. */
function manyHolds(): { readonly placed: Promise<readonly string[]>; held: () => Promise<readonly string[]> } {
  const { stores } = world.world;
  const context = { clock: world.clock, ids: systemIds(), ledgers: createLedgers(world.clock) };
  const wish = (index: number) => ({ on: { mailbox: '9876', messageId: `m${index}` }, reason: 'a case', until: null });
  const holds = Array.from({ length: HOLDS }, (_, index) => placeHold(context, stores, wish(index)));
  return {
    placed: Promise.all(holds).then((all) => all.map(({ holdId }) => holdId)),
    held: async () => [...(await context.ledgers(stores).refresh()).holds.all.keys()],
  };
}

it('many entries that one process appends at once wait for each other, and not for time', async () => {
  const { placed, held } = manyHolds();
  const ids = await placed;
  expect(new Set(await held())).toEqual(new Set(ids));
});

it('many entries that two processes append at once, beside work on a request, are all appended', async () => {
  const at = new Date(world.clock.now()).toISOString();
  const worker = world.worker();
  await world.deposit();
  const processes = [manyHolds(), manyHolds()] as const;
  const taken = worker.gdpr.take(worker.stores, request('f1', 'forgetme', at, CALLER), at);
  const [first, second] = await world.whileTimePasses(Promise.all([processes[0].placed, processes[1].placed, taken]));
  await worker.work();
  for (const { held } of processes) expect(new Set(await held())).toEqual(new Set([...first, ...second]));
  expect(await worker.request('f1')).toMatchObject({ phase: 'marked' });
});
