import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { beforePublishing, whichever } from './world/faults.ts';
import { at, openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** A process that dies here: it goes no further, and nobody waits for it. */
function death() {
  const reached = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    here: (): Promise<never> => {
      reached.resolve();
      return new Promise(() => undefined);
    },
  };
}

describe('a death', () => {
  test('between counting and publishing: the next projector publishes what was counted, once', async () => {
    const { reached, here } = death();
    const dead = await world.start({ log: beforePublishing(world.log, here) });
    await world.message('1', 'm1', 1);
    await reached;
    await dead.stop(0);
    const counted = await world.mwi.read(at('1'));
    expect(counted?.publishedRevision).toBe(0);
    await world.start();
    await world.settled('1');
    expect((await world.published('1')).map(({ revision }) => revision)).toEqual([counted?.revision]);
  });

  test('between publishing and remembering it: the same record again, which no subscriber takes for news', async () => {
    const { reached, here } = death();
    const dead = await world.start({ mwi: { ...world.mwi, markPublished: here } });
    await world.message('1', 'm1', 1);
    await reached;
    await dead.stop(0);
    await world.clock.advance(10_000);
    await world.start();
    await world.settled('1');
    const [first, second, ...more] = await world.published('1');
    expect(second).toEqual(first);
    expect(more).toEqual([]);
  });

  test('in the middle of a recount: the next projector recounts', async () => {
    const held = world.truth.holdListing('1');
    const dead = await world.start();
    await world.message('1', 'm1', 1);
    await held.reached;
    await dead.stop(0);
    held.letGo();
    expect(await world.published('1')).toEqual([]);
    await world.start();
    await world.settled('1');
  });
});

describe('without a single fact', () => {
  test('invalidated counts are stale, never zero, and are right again within 30 s', async () => {
    await world.start();
    for (const mailbox of ['1', '2']) {
      await world.message(mailbox, 'm1', 1);
      await world.message(mailbox, 'm2', 1);
      await world.settled(mailbox);
    }
    world.truth.put('2', { messageId: 'm1', revision: 2, state: 'old', urgent: false });
    const before = await world.mwi.read(at('1'));
    const held = world.truth.holdListing('1');
    const beganMs = world.clock.now();
    await world.mwi.invalidate('t100');
    await world.settled('2');
    expect(world.clock.now() - beganMs).toBeLessThanOrEqual(30_000);
    expect(await world.mwi.read(at('1'))).toEqual({ ...before, stale: true });
    const records = await world.published('1');
    held.letGo();
    await world.settled('1');
    expect(await world.mwi.read(at('1'))).toEqual(before);
    expect(await world.published('1')).toEqual(records);
  });

  test('counts that were lost between two runs are rebuilt, with higher revisions', async () => {
    const first = await world.start();
    for (const mailbox of ['1', '2', '3']) {
      await world.message(mailbox, 'm1', 1);
      await world.settled(mailbox);
    }
    const revision = (await world.published('1')).at(-1)?.revision ?? 0;
    await first.stop(1_000);
    await world.clock.advance(10);
    await world.loseCounts();
    expect(await world.mwi.read(at('1'))).toBeNull();
    const beganMs = world.clock.now();
    await world.start();
    for (const mailbox of ['1', '2', '3']) await world.settled(mailbox);
    expect(world.clock.now() - beganMs).toBeLessThanOrEqual(30_000);
    expect((await world.published('1')).at(-1)?.revision).toBeGreaterThan(revision);
  });

  test('counts that are lost while it runs are noticed and rebuilt within 30 s', async () => {
    await world.start({ mwi: whichever(() => world.mwi), limits: { passIntervalMs: 3_600_000 } });
    for (const mailbox of ['1', '2', '3']) {
      await world.message(mailbox, 'm1', 1);
      await world.settled(mailbox);
    }
    await world.loseCounts();
    const beganMs = world.clock.now();
    for (const mailbox of ['1', '2', '3']) await world.settled(mailbox);
    expect(world.clock.now() - beganMs).toBeLessThanOrEqual(30_000);
    expect(await world.metric('voicemail_mwi_losses_total')).toBe(1);
  });

  test('a loss is noticed however many mailboxes are recounted before anybody asks', async () => {
    const limits = { passIntervalMs: 3_600_000, maxWitnesses: 2 };
    await world.start({ mwi: whichever(() => world.mwi), limits });
    for (const mailbox of ['1', '2', '3', '4', '5']) {
      await world.message(mailbox, 'm1', 1);
      await world.settled(mailbox);
    }
    await world.loseCounts();
    for (const mailbox of ['3', '4', '5']) {
      await world.message(mailbox, 'm2', 1);
      await vi.waitFor(async () => expect((await world.mwi.read(at(mailbox)))?.counts.new).toBe(2), {
        timeout: 15_000,
      });
    }
    for (const mailbox of ['1', '2']) await world.settled(mailbox);
    expect(await world.metric('voicemail_mwi_losses_total')).toBe(1);
  });

  test('mailboxes of a tenant that is not served any more keep nobody waiting', async () => {
    for (const mailbox of ['1', '2', '3']) await world.mwi.beginRecount({ tenant: 'left', mailbox });
    await world.clock.advance(1_000);
    await world.start({ limits: { maxSettleBatch: 2 } });
    await world.message('1', 'm1', 1);
    await world.settled('1');
    await world.mwi.invalidate('t100');
    await world.settled('1');
    expect(await world.mwi.read({ tenant: 'left', mailbox: '1' })).toBeNull();
  });

  test('a mailbox that cannot be recounted keeps no other waiting', async () => {
    const limits = { maxSettleBatch: 2, maxSettling: 2, maxSettlingOfTenant: 2 };
    await world.start({ limits });
    for (const mailbox of ['1', '2', '3', '4', '5']) {
      await world.message(mailbox, 'm1', 1);
      await world.settled(mailbox);
    }
    for (const mailbox of ['1', '2', '3']) world.truth.broken.add(mailbox);
    await world.mwi.invalidate('t100');
    for (const mailbox of ['4', '5']) await world.settled(mailbox);
    expect((await world.mwi.read(at('1')))?.stale).toBe(true);
    expect((await world.mwi.read(at('1')))?.counts.new).toBe(1);
    world.truth.broken.clear();
    for (const mailbox of ['1', '2', '3']) await world.settled(mailbox);
  });
});

test('what went more than 40 days ago is forgotten, what went later is not', async () => {
  await world.start();
  await world.message('1', 'early', 2, 'gone');
  await world.settled('1');
  const DAY_MS = 86_400_000;
  world.clock.jumpWall(39 * DAY_MS);
  await world.message('1', 'late', 2, 'gone');
  await world.settled('1');
  world.clock.jumpWall(2 * DAY_MS);
  await world.clock.advance(3_600_000);
  await world.eventually(async () => {
    const applied = await world.mwi.apply(at('1'), {
      entries: [
        { messageId: 'early', revision: 1, state: 'new', urgent: false },
        { messageId: 'late', revision: 1, state: 'new', urgent: false },
      ],
    });
    expect(applied?.counts.new).toBe(1);
  });
});
