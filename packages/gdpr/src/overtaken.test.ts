import { markMessage, readMessage, type TenantStores } from '@voicemail/message-store';
import { StoreError, withFaults } from '@voicemail/object-store';
import { expect, it } from 'vitest';
import { CALLER, openGdprWorld, request, type GdprWorld, type Worker } from './testing/gdpr-world.ts';

const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();
const signal = new AbortController().signal;
const message = async ({ world }: GdprWorld) => (await readMessage(world.stores, '9876', 'm1'))?.value;

/** A worker that stops at a look at the message, and so loses its lease; it goes on when it is woken. */
function sleeper(world: GdprWorld): {
  readonly worker: Worker;
  readonly asleep: Promise<void>;
  sleepAt: number;
  wake(): void;
} {
  const asleep = Promise.withResolvers<void>();
  const awake = Promise.withResolvers<void>();
  const state = { sleepAt: Number.POSITIVE_INFINITY, looks: 0, isAsleep: false };
  const stores: TenantStores = world.world.behind((store) =>
    withFaults(store, async ({ moment, operation, key }) => {
      if (moment !== 'before') return;
      if (state.isAsleep && key?.endsWith('/gdpr/lease') === true)
        throw new StoreError('unavailable', operation, key, 'the process is stopped');
      if (operation !== 'get' || key?.endsWith('/m1/metadata.json') !== true) return;
      state.looks += 1;
      if (state.looks !== state.sleepAt) return;
      state.isAsleep = true;
      asleep.resolve();
      await awake.promise;
    }),
  );
  const worker = world.worker({ stores });
  return Object.assign(state, { worker, asleep: asleep.promise, wake: () => awake.resolve() });
}

async function ask(world: GdprWorld, worker: Worker, id: string, operation: 'forgetme' | 'undoforget'): Promise<void> {
  await worker.gdpr.take(worker.stores, request(id, operation, at(world), CALLER), at(world));
}

it.each([
  ['an undo', 'u1', 'undoforget'],
  ['a forget', 'f2', 'forgetme'],
] as const)(
  'a worker that lost its lease at %s leaves the mark of a request that was made since',
  async (_name, id, operation) => {
    await using world = await openGdprWorld();
    await world.deposit();
    const other = world.worker();
    await ask(world, other, 'f1', 'forgetme');
    await other.work();
    if (operation === 'forgetme') {
      // What only a request that is over has marked: a mark of a worker that was overtaken before.
      await ask(world, other, 'u0', 'undoforget');
      await other.work();
      await markMessage(world.world.stores, '9876', 'm1', 'f1', at(world));
    }
    const late = sleeper(world);
    // The first look is that of the search, the second is for the change.
    late.sleepAt = 2;
    await ask(world, late.worker, id, operation);
    const working = late.worker.gdpr.work(late.worker.stores, signal).catch((error: unknown) => error);
    await world.whileTimePasses(late.asleep);
    await other.work();
    if (operation === 'forgetme') {
      await ask(world, other, 'u2', 'undoforget');
      await other.work();
    }
    await ask(world, other, 'f3', 'forgetme');
    await other.work();
    const marked = await message(world);
    expect(marked?.forgetRequestIds).toEqual(['f3']);
    late.wake();
    await world.whileTimePasses(working);
    const standing = await message(world);
    expect(standing?.forgetRequestIds).toContain('f3');
    expect(standing?.forgetMarkedAt).toBe(marked?.forgetMarkedAt);
  },
);
