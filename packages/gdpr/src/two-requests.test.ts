import { listMarked, readMessage } from '@voicemail/message-store';
import { describe, expect, it } from 'vitest';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld, type Worker } from './testing/gdpr-world.ts';

const HOUR_MS = 3_600_000;
const OTHER = '+15551212999';
type Operation = 'forgetme' | 'undoforget' | 'exportme';

const at = ({ clock }: GdprWorld): string => new Date(clock.now()).toISOString();

/** Takes a request in, and no more. */
async function take(world: GdprWorld, worker: Worker, id: string, operation: Operation, ...phones: string[]) {
  const numbers = phones.length === 0 ? [CALLER] : phones;
  await worker.gdpr.take(worker.stores, request(id, operation, at(world), ...numbers), at(world));
}
async function ask(world: GdprWorld, worker: Worker, id: string, operation: Operation, ...phones: string[]) {
  await take(world, worker, id, operation, ...phones);
  await worker.work();
}
/** With a message of the caller. */
async function opened(): Promise<GdprWorld> {
  const world = await openGdprWorld();
  await world.deposit({ messageId: 'm1' });
  return world;
}
const marked = async ({ world }: GdprWorld) =>
  (await Array.fromAsync(listMarked(world.stores))).map(({ value }) => value.messageId).toSorted();
const found = (messages: number) => [{ found: { messages } }];

/** Every pair, both one after the other and both waiting at once: docs/forgetting.md has the same table. */
describe.each(['one after the other', 'both taken in before either has its turn'])(
  'two requests about one caller, %s:',
  (how) => {
    const both = async (world: GdprWorld, worker: Worker, first: Operation, second: Operation): Promise<void> => {
      if (how === 'one after the other') await ask(world, worker, 'first', first);
      else await take(world, worker, 'first', first);
      await ask(world, worker, 'second', second);
    };

    it('a forget and a forget: the second changes nothing and names the first', async () => {
      await using world = await opened();
      const worker = world.worker();
      await both(world, worker, 'forgetme', 'forgetme');
      expect(await worker.request('first')).toMatchObject({ phase: 'marked', repeats: null, callers: found(1) });
      expect(await worker.request('second')).toMatchObject({ phase: 'marked', repeats: 'first', callers: found(1) });
      expect((await world.facts('forget-marked')).size).toBe(1);
    });

    it('a forget and an undo: nothing is marked, the forget is undone', async () => {
      await using world = await opened();
      const worker = world.worker();
      await both(world, worker, 'forgetme', 'undoforget');
      expect(await worker.request('first')).toMatchObject({ phase: 'undone' });
      expect(await worker.request('second')).toMatchObject({ phase: 'undone' });
      expect(await marked(world)).toEqual([]);
    });

    it('an undo and a forget: the forget is in force', async () => {
      await using world = await opened();
      const worker = world.worker();
      await both(world, worker, 'undoforget', 'forgetme');
      expect(await worker.request('first')).toMatchObject({ phase: 'undone' });
      expect(await worker.request('second')).toMatchObject({ phase: 'marked', repeats: null });
      expect(await marked(world)).toEqual(['m1']);
    });

    it('an undo and an undo, with nothing to take back: both are undone and change nothing', async () => {
      await using world = await opened();
      const worker = world.worker();
      await both(world, worker, 'undoforget', 'undoforget');
      expect(await worker.request('first')).toMatchObject({ phase: 'undone', steps: [] });
      expect(await worker.request('second')).toMatchObject({ phase: 'undone', steps: [] });
      expect((await world.facts('forget-unmarked')).size).toBe(0);
    });

    it('a forget and an export, or an export and a forget: what is marked is counted too, and marked all the same', async () => {
      for (const [first, second] of [
        ['forgetme', 'exportme'],
        ['exportme', 'forgetme'],
      ] as const) {
        await using world = await opened();
        const worker = world.worker();
        await both(world, worker, first, second);
        const phase = (operation: Operation) => (operation === 'forgetme' ? 'marked' : 'exported');
        expect(await worker.request('first')).toMatchObject({ phase: phase(first), callers: found(1) });
        expect(await worker.request('second')).toMatchObject({ phase: phase(second), callers: found(1) });
        expect(await marked(world)).toEqual(['m1']);
      }
    });

    it('an export and an export, an export and an undo, an undo and an export: neither knows of the other', async () => {
      for (const [first, second] of [
        ['exportme', 'exportme'],
        ['exportme', 'undoforget'],
        ['undoforget', 'exportme'],
      ] as const) {
        await using world = await opened();
        const worker = world.worker();
        await both(world, worker, first, second);
        const phase = (operation: Operation) => (operation === 'undoforget' ? 'undone' : 'exported');
        expect(await worker.request('first')).toMatchObject({ phase: phase(first), callers: found(1) });
        expect(await worker.request('second')).toMatchObject({ phase: phase(second), callers: found(1) });
        expect(await marked(world)).toEqual([]);
      }
    });
  },
);

describe('a request whose id comes again', () => {
  it.each(['forgetme', 'undoforget', 'exportme'] as const)(
    'to %s is one request, also with another content, and also once it is over',
    async (operation) => {
      await using world = await opened();
      const worker = world.worker();
      await ask(world, worker, 'r', operation);
      const before = await worker.request('r');
      await ask(world, worker, 'r', operation);
      await ask(world, worker, 'r', 'forgetme', OTHER);
      expect(await worker.request('r')).toEqual(before);
    },
  );
});

it('a forget of two callers of whom one is marked already marks the other, and is erased with both', async () => {
  await using world = await opened();
  const worker = world.worker();
  await world.deposit({ messageId: 'm2', callerId: OTHER });
  await ask(world, worker, 'first', 'forgetme');
  await world.clock.advance(12 * HOUR_MS);
  await ask(world, worker, 'second', 'forgetme', CALLER, OTHER);
  expect(await worker.request('second')).toMatchObject({ phase: 'marked', repeats: null });
  await world.clock.advance(12 * HOUR_MS);
  expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'm1' }], kept: 1 });
  expect(await worker.request('first')).toMatchObject({ phase: 'erased' });
  expect(await worker.request('second')).toMatchObject({ phase: 'marked' });
  await world.clock.advance(12 * HOUR_MS);
  expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'm2' }], kept: 0 });
  expect(await worker.request('second')).toMatchObject({ phase: 'erased', hasNumbers: false });
});

describe('after an erasure', () => {
  const erased = async () => {
    const world = await opened();
    const worker = world.worker();
    await ask(world, worker, 'first', 'forgetme');
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await worker.request('first')).toMatchObject({ phase: 'erased' });
    return world;
  };

  it('a forget is about what the caller left since, and is no repetition', async () => {
    await using world = await erased();
    const worker = world.worker();
    await world.deposit({ messageId: 'since' });
    await ask(world, worker, 'second', 'forgetme');
    expect(await worker.request('second')).toMatchObject({ phase: 'marked', repeats: null, callers: found(1) });
    expect(await marked(world)).toEqual(['since']);
    await world.clock.advance(DAY_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'since' }] });
    expect(await worker.request('second')).toMatchObject({ phase: 'erased', hasNumbers: false });
  });

  it('a forget of a caller who left nothing since is erased by the next run', async () => {
    await using world = await erased();
    const worker = world.worker();
    await ask(world, worker, 'second', 'forgetme');
    expect(await worker.request('second')).toMatchObject({ phase: 'marked', callers: found(0) });
    await worker.rule();
    expect(await worker.request('second')).toMatchObject({ phase: 'erased', hasNumbers: false });
  });

  it('an undo brings nothing back, and an export is about what the caller left since', async () => {
    await using world = await erased();
    const worker = world.worker();
    await ask(world, worker, 'undo', 'undoforget');
    expect(await worker.request('first')).toMatchObject({ phase: 'erased' });
    expect(await readMessage(world.world.stores, '9876', 'm1')).toBeNull();
    await world.deposit({ messageId: 'since' });
    await ask(world, worker, 'export', 'exportme');
    expect(await worker.request('export')).toMatchObject({ phase: 'exported', callers: found(1), hasNumbers: true });
  });
});
