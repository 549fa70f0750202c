import { TOPICS } from '@voicemail/contracts';
import {
  createLedgers,
  forwardMessage,
  keepDeadLetter,
  readDeadLetter,
  readHoldNumber,
  readRecord,
} from '@voicemail/message-store';
import { systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeHold, releaseHold, type HoldWish } from './holds.ts';
import {
  CALLER,
  DAY_MS,
  mortalWorker,
  openGdprWorld,
  request,
  type GdprWorld,
  type Worker,
} from './testing/gdpr-world.ts';

const HOUR_MS = 3_600_000;
const OTHER = '+15551212999';
const M1 = { mailbox: '9876', messageId: 'm1' };
/** Every so manyeth write of a run is one that a worker dies at. */
const STRIDE = 4;

let world: GdprWorld;
let worker: Worker;
beforeEach(async () => {
  world = await openGdprWorld();
  worker = world.worker();
});
afterEach(async () => world[Symbol.asyncDispose]());

const now = (): string => new Date(world.clock.now()).toISOString();
const inDays = (days: number): string => new Date(world.clock.now() + days * DAY_MS).toISOString();
/** As the process of the API has it: it shares nothing with the workers but the stores. */
const office = () => ({ ledgers: createLedgers(world.clock), clock: world.clock, ids: systemIds() });
const hold = async (on: HoldWish['on'], until: string | null = null): Promise<string> =>
  (await placeHold(office(), world.world.stores, { on, reason: 'case 4711', until })).holdId;
const release = (holdId: string): Promise<boolean> => releaseHold(office(), world.world.stores, holdId);
/** Two messages of the caller, one in each region, and their forget as far as it is marked. */
async function forget(...phones: readonly string[]): Promise<void> {
  await world.deposit({ messageId: 'm1', region: 'westus2' });
  await world.deposit({ messageId: 'm2', region: 'westeurope', callerId: 'tel:+1-555-121-2000' });
  await worker.gdpr.take(world.world.stores, request('f1', 'forgetme', now(), ...phones), now());
  await worker.work();
}
const forgotten = async (): Promise<object> => {
  const standing = await worker.request('f1');
  return { phase: standing?.phase, heldUntil: standing?.heldUntil };
};
const run = async (): Promise<readonly string[]> =>
  (await worker.rule()).deleted.map(({ messageId }) => messageId).toSorted();
const isThere = async (messageId: string, mailbox = '9876'): Promise<boolean> => {
  const record = (await readRecord(world.world.stores, mailbox, messageId))?.value;
  return record !== undefined && !('gone' in record);
};
async function statuses(): Promise<readonly object[]> {
  const records = await Array.fromAsync(world.log.read(TOPICS.gdprStatus));
  return records.map(({ value }) => {
    const { status, heldUntil } = (JSON.parse(Buffer.from(value ?? []).toString()) as { data: Record<string, unknown> })
      .data;
    return { status, ...(heldUntil === undefined ? {} : { heldUntil }) };
  });
}

describe('a hold on one of two messages of a request', () => {
  it('keeps it beyond the hard deadline; the other goes, and the request goes on when the hold is released', async () => {
    await forget(CALLER);
    const holdId = await hold(M1);
    await world.clock.advance(8 * DAY_MS);
    const outcome = await worker.rule();
    expect(outcome.deleted.map(({ messageId }) => messageId)).toEqual(['m2']);
    expect(outcome.kept).toBe(1);
    expect(await forgotten()).toEqual({ phase: 'held', heldUntil: null });
    expect((await statuses()).at(-1)).toEqual({ status: 'held', heldUntil: null });

    const told = (await statuses()).length;
    expect(await run()).toEqual([]);
    expect(await isThere('m1')).toBe(true);
    expect(await statuses()).toHaveLength(told);

    expect(await release(holdId)).toBe(true);
    expect(await release(holdId)).toBe(false);
    expect(await run()).toEqual(['m1']);
    expect(await forgotten()).toMatchObject({ phase: 'erased' });
    const after = (await statuses()).slice(told);
    const held = { status: 'held', heldUntil: null };
    expect(after).toEqual([held, held, { status: 'marked' }, { status: 'erased' }]);
  });

  it('lets the request be marked again when it ends before its message is due', async () => {
    await forget(CALLER);
    const holds = [await hold(M1), await hold({ mailbox: '9876', messageId: 'm2' })];
    expect(await run()).toEqual([]);
    expect(await forgotten()).toMatchObject({ phase: 'held' });
    await Promise.all(holds.map((id) => release(id)));
    expect(await run()).toEqual([]);
    expect(await forgotten()).toMatchObject({ phase: 'marked' });
    await world.clock.advance(DAY_MS);
    expect(await run()).toEqual(['m1', 'm2']);
  });
});

describe('a hold on a caller', () => {
  it('that ends between two runs is over for the next one, also after the deadline of the request', async () => {
    await forget(CALLER);
    const until = inDays(40);
    await hold({ phone: '(555) 121-2000' }, until);
    await world.clock.advance(DAY_MS);
    expect(await run()).toEqual([]);
    expect(await forgotten()).toEqual({ phase: 'held', heldUntil: until });
    const stores = world.world.stores;
    expect((await worker.gdpr.previewRule(stores, Date.parse(until) - 1)).deleted).toEqual([]);
    expect((await worker.gdpr.previewRule(stores, Date.parse(until))).deleted).toHaveLength(2);
    await world.clock.advance(Date.parse(until) - world.clock.now() - HOUR_MS);
    expect(await run()).toEqual([]);
    await world.clock.advance(HOUR_MS);
    expect(await run()).toEqual(['m1', 'm2']);
    expect(await forgotten()).toMatchObject({ phase: 'erased' });
  });

  it('covers what is forwarded, what comes late, and dead letters; another caller of the request is forgotten', async () => {
    const { stores } = world.world;
    await world.deposit({ messageId: 'other', callerId: OTHER });
    const before = now();
    const letters = await Promise.all([CALLER, OTHER].map((callerId, offset) => letterOf(callerId, offset)));
    await forget(OTHER, CALLER);
    await hold({ phone: CALLER });
    await forwardMessage(stores, M1, '42', 'e1', now());
    await world.deposit({ messageId: 'late', depositedAt: before, takenAt: before });
    await run();
    await world.clock.advance(2 * DAY_MS);
    expect(await run()).toEqual(['other']);
    expect(await Promise.all(['m1', 'm2', 'late'].map((id) => isThere(id)))).toEqual([true, true, true]);
    const home = { tenant: stores, deployment: stores.master.store };
    const left = await Promise.all(letters.map(({ id }) => readDeadLetter(home, id)));
    expect(left.map((letter) => letter !== null)).toEqual([true, false]);
    expect(await forgotten()).toEqual({ phase: 'held', heldUntil: null });
    expect((await worker.gdpr.previewRule(stores, world.clock.now())).kept).toBe(4);
  });

  it('keeps a request of which nothing is left from being erased: what comes late is held too', async () => {
    const before = now();
    await worker.gdpr.take(world.world.stores, request('f1', 'forgetme', before, CALLER), before);
    await worker.work();
    const holdId = await hold({ phone: CALLER }, inDays(30));
    expect(await run()).toEqual([]);
    expect(await forgotten()).toMatchObject({ phase: 'held' });
    await world.deposit({ messageId: 'late', depositedAt: before, takenAt: before });
    expect(await run()).toEqual([]);
    expect((await readRecord(world.world.stores, '9876', 'late'))?.value).toMatchObject({ forgetRequestIds: ['f1'] });
    await release(holdId);
    await world.clock.advance(DAY_MS);
    expect(await run()).toEqual(['late']);
    expect(await forgotten()).toMatchObject({ phase: 'erased' });
  });

  it('does not stand in the way of an undo', async () => {
    await forget(CALLER);
    await hold({ phone: CALLER });
    await run();
    await worker.gdpr.take(world.world.stores, request('u1', 'undoforget', now(), CALLER), now());
    await worker.work();
    expect(await forgotten()).toMatchObject({ phase: 'undone' });
    await world.clock.advance(8 * DAY_MS);
    expect(await run()).toEqual([]);
    expect((await readRecord(world.world.stores, '9876', 'm1'))?.value).not.toHaveProperty('forgetMarkedAt');
  });
});

it('two holds at once keep what is under either of them until the last one ends', async () => {
  await forget(CALLER);
  const until = inDays(3);
  await hold({ phone: CALLER }, until);
  const untilLast = inDays(20);
  const onMessage = await hold(M1, untilLast);
  await world.clock.advance(2 * DAY_MS);
  expect(await run()).toEqual([]);
  expect(await forgotten()).toMatchObject({ phase: 'held', heldUntil: untilLast });
  await world.clock.advance(Date.parse(until) - world.clock.now());
  expect(await run()).toEqual(['m2']);
  expect(await forgotten()).toMatchObject({ phase: 'held' });
  await release(onMessage);
  expect(await run()).toEqual(['m1']);
  expect(await forgotten()).toMatchObject({ phase: 'erased' });
});

it('a hold that is placed while its request is about to be erased keeps what a last search finds', async () => {
  await forget(CALLER);
  const before = now();
  await world.clock.advance(DAY_MS);
  await world.whileTimePasses(worker.gdpr.runRule(world.world.stores, new AbortController().signal));
  expect(await forgotten()).toMatchObject({ phase: 'erasing' });
  const at = new Date(Date.parse(before) - 60_000).toISOString();
  await world.deposit({ messageId: 'late', depositedAt: at, takenAt: at });
  await world.deposit({ messageId: 'later', depositedAt: at, takenAt: at });
  const holdId = await hold({ mailbox: '9876', messageId: 'late' });
  await worker.work();
  expect([await isThere('late'), await isThere('later')]).toEqual([true, false]);
  expect(await forgotten()).toMatchObject({ phase: 'held' });
  await run();
  await release(holdId);
  await world.clock.advance(DAY_MS);
  expect(await run()).toEqual(['late']);
  expect(await forgotten()).toMatchObject({ phase: 'erased' });
});

it('the number of a hold goes with the run after its release, or when it is over and its caller erased', async () => {
  const { stores } = world.world;
  await forget(CALLER);
  const released = await hold({ phone: OTHER });
  const ended = await hold({ phone: CALLER }, inDays(2));
  await run();
  expect(await Promise.all([released, ended].map((id) => readHoldNumber(stores, id)))).toEqual([OTHER, CALLER]);
  await release(released);
  await run();
  expect(await readHoldNumber(stores, released)).toBeNull();
  expect(await readHoldNumber(stores, ended)).toBe(CALLER);
  await world.clock.advance(2 * DAY_MS);
  expect(await run()).toEqual(['m1', 'm2']);
  expect(await forgotten()).toMatchObject({ phase: 'erased' });
  expect(await readHoldNumber(stores, ended)).toBeNull();
  const { holds } = await createLedgers(world.clock)(stores).refresh();
  expect([...holds.all.values()].map(({ hasNumber }) => hasNumber)).toEqual([false, false]);
});

it('a worker that dies in a run beside a hold is followed by another that ends in the same place', async () => {
  const outcome = async (dieAt: number | null): Promise<{ readonly diedAt: string | null; readonly end: unknown }> => {
    await world[Symbol.asyncDispose]();
    world = await openGdprWorld();
    worker = world.worker();
    await forget(CALLER);
    await hold(M1);
    await world.clock.advance(8 * DAY_MS);
    const { worker: mortal, diedAt } = mortalWorker(world, dieAt);
    await mortal.rule().catch((error: unknown) => expect(String(error)).toContain('the process died'));
    await run();
    const end = [await forgotten(), await isThere('m1'), await isThere('m2'), [...(await world.facts('deleted'))]];
    return { diedAt: diedAt(), end };
  };
  const undisturbed = await outcome(null);
  expect(undisturbed.end).toMatchObject([{ phase: 'held' }, true, false, [expect.anything()]]);
  let hits = 0;
  for (let step = 1; ; step += STRIDE) {
    const { diedAt, end } = await outcome(step);
    if (diedAt === null) break;
    hits += 1;
    expect(end, `died at ${diedAt}`).toEqual(undisturbed.end);
  }
  expect(hits).toBeGreaterThan(3);
}, 120_000);

/** A rejected record of a caller. */
function letterOf(callerId: string, offset: number): ReturnType<typeof keepDeadLetter> {
  const { stores } = world.world;
  return keepDeadLetter(
    { tenant: stores, deployment: stores.master.store },
    {
      topic: TOPICS.deposits,
      partition: 0,
      offset,
      key: null,
      value: Buffer.from('{}'),
      headers: {},
      takenAtMs: world.clock.now(),
      reason: 'invalid-data',
      detail: 'has no mailbox',
      stagedKey: null,
      callerId,
    },
    world.clock.now(),
  );
}
