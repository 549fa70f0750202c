import { TOPICS } from '@voicemail/contracts';
import { countEntries } from '@voicemail/domain';
import type { MwiStore } from '@voicemail/mwi-store';
import { createMetrics, systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROJECTOR_LIMITS } from './limits.ts';
import { mailboxLocks } from './mailbox-locks.ts';
import { projection, type Projection } from './projection.ts';
import { projectorMetrics } from './projector-metrics.ts';
import { PROJECTOR_GROUP } from './projector.ts';
import { tenantList } from './tenant-list.ts';
import { beforePublishing, holdingNothing, telling, whichever } from './world/faults.ts';
import { at, openWorld, TENANT, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const never = new AbortController().signal;
const message = (messageId: string, revision: number, state: 'new' | 'old' | 'gone' = 'new') => ({
  messageId,
  revision,
  state,
  urgent: false,
});

/**
 * One process's projection: it shares the counts and the stores with others, and nothing else. It publishes by the log itself, as if
 * nothing fenced it.
 */
function processOf(parts: { readonly mwi?: MwiStore } = {}): Projection {
  const tenants = tenantList(() => [{ tenantId: TENANT, sipDomain: null }]);
  return projection({
    mwi: world.mwi,
    source: world.truth,
    clock: world.clock,
    ids: systemIds(),
    tenants,
    locks: mailboxLocks(),
    metrics: projectorMetrics(createMetrics()),
    limits: PROJECTOR_LIMITS,
    ...parts,
  });
}

async function expectTruth(mailbox: string): Promise<void> {
  const counts = countEntries(world.truth.live(mailbox));
  const snapshot = await world.mwi.read(at(mailbox));
  expect(snapshot).toMatchObject({ counts, stale: false });
  expect((await world.published(mailbox)).at(-1)).toMatchObject({ ...counts, revision: snapshot?.revision });
}

describe('the order of the steps', () => {
  const steps: string[] = [];
  beforeEach(() => steps.splice(0));
  const uncommitted = async (): Promise<number> => {
    const lag = await world.log.lag(PROJECTOR_GROUP, [TOPICS.messages]);
    return lag.reduce((sum, partition) => sum + partition.waiting, 0);
  };
  const start = async (): Promise<void> => {
    world.truth.asked.push = (...asked) => steps.push(...asked);
    const log = beforePublishing(world.log, async () => {
      steps.push(`publish, ${await uncommitted()} uncommitted`);
    });
    // Nothing but facts: no discovery, no reconciler, nobody who settles.
    const idle = { settleIntervalMs: 1e9, lossCheckIntervalMs: 1e9, sliceIntervalMs: 1e9 };
    await world.start({ log, mwi: telling(world.mwi, (call) => steps.push(call)), limits: idle });
    await world.eventually(() => expect(steps).toContain(`list mailboxes of ${TENANT}`));
    steps.splice(0);
  };
  const committed = (): Promise<void> => world.eventually(async () => expect(await uncommitted()).toBe(0));

  test('an unknown mailbox: token, reads, merge, publication, remembered, committed', async () => {
    await start();
    await world.message('1', 'm1', 1);
    await committed();
    expect(steps).toEqual([
      'apply',
      'begin recount',
      'list 1',
      'merge recount',
      'publish, 1 uncommitted',
      'mark published',
    ]);
  });

  test('a known mailbox: counted, publication, remembered, committed', async () => {
    await start();
    await world.message('1', 'm1', 1);
    await committed();
    steps.splice(0);
    await world.message('1', 'm2', 1);
    await committed();
    expect(steps).toEqual(['apply', 'publish, 1 uncommitted', 'mark published']);
  });

  test('a fact that changes nothing is committed without a publication', async () => {
    await start();
    await world.message('1', 'm1', 1);
    await committed();
    steps.splice(0);
    await world.announce('1', message('m1', 1));
    await committed();
    expect(steps).toEqual(['apply']);
  });

  test('what was counted and the listing lacks is asked for by its key, between the token and the merge', async () => {
    await start();
    await world.message('1', 'm1', 1);
    await world.message('1', 'm2', 1);
    await committed();
    await world.mwi.invalidate(TENANT);
    world.truth.put('1', message('m1', 2, 'gone'));
    steps.splice(0);
    await world.announce('1', message('m1', 2, 'gone'));
    await committed();
    expect(steps.slice(0, 5)).toEqual(['apply', 'begin recount', 'list 1', 'read 1/m1', 'merge recount']);
  });
});

describe('a process that was stopped and woke up', () => {
  test('in the middle of a recount: what it read is not merged, and the last record is the truth', async () => {
    world.truth.put('1', message('m1', 1));
    const held = world.truth.holdListing('1');
    const zombie = processOf().settle(at('1'), world.log, never);
    await held.reached;
    // The listing that the zombie holds is old from here on.
    world.truth.put('1', message('m1', 2, 'old'));
    world.truth.put('1', message('m2', 1));
    await processOf().settle(at('1'), world.log, never);
    await expectTruth('1');
    held.letGo();
    await zombie;
    await expectTruth('1');
    const revisions = (await world.published('1')).map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  });

  test('in the middle of a recount, and the counts were lost meanwhile', async () => {
    const mwi = whichever(() => world.mwi);
    world.truth.put('1', message('m1', 1));
    const held = world.truth.holdListing('1');
    const zombie = processOf({ mwi }).settle(at('1'), world.log, never);
    await held.reached;
    world.truth.put('1', message('m1', 2, 'gone'));
    await world.loseCounts();
    held.letGo();
    await zombie;
    await expectTruth('1');
  });

  test('between counting and publishing: its older record does not stay the last one', async () => {
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    let isFirst = true;
    const log = beforePublishing(world.log, async () => {
      if (!isFirst) return;
      isFirst = false;
      reached.resolve();
      await gate.promise;
    });
    world.truth.put('1', message('m1', 1));
    const zombie = processOf().settle(at('1'), log, never);
    await reached.promise;
    world.truth.put('1', message('m2', 1));
    await world.mwi.apply(at('1'), { entries: [message('m2', 1)] });
    await processOf().settle(at('1'), world.log, never);
    await expectTruth('1');
    gate.resolve();
    await zombie;
    await expectTruth('1');
  });

  test('and finds that its mailbox is another one’s: it publishes nothing, and leaves that to the other one', async () => {
    world.truth.put('1', message('m1', 1));
    const held = world.truth.holdListing('1');
    const bounds = { maxInFlight: 1, maxBufferedRecords: 1, maxBufferedBytes: 1 };
    const facts = { group: PROJECTOR_GROUP, topics: [TOPICS.messages], isFenced: true, ...bounds };
    const subscription = await world.log.subscribe({ ...facts, handle: async () => {} });
    const holding = subscription.holding(TOPICS.messages, `${TENANT}/1`);
    const zombie = holding && processOf().settle(at('1'), holding, never);
    await held.reached;
    await subscription.stop(0);
    held.letGo();
    await expect(zombie).rejects.toMatchObject({ code: 'fenced' });
    expect(await world.published('1')).toEqual([]);
    expect(await world.mwi.unsettled(10)).toEqual([at('1')]);
  });

  test('told to stop after it counted, it publishes nothing, and leaves that to the next one', async () => {
    world.truth.put('1', message('m1', 1));
    const stop = new AbortController();
    const mergeRecount: MwiStore['mergeRecount'] = async (...args) => {
      const merged = await world.mwi.mergeRecount(...args);
      stop.abort(new Error('stopped'));
      return merged;
    };
    const zombie = processOf({ mwi: { ...world.mwi, mergeRecount } }).settle(at('1'), world.log, stop.signal);
    await expect(zombie).rejects.toThrow('stopped');
    expect(await world.published('1')).toEqual([]);
    expect(await world.mwi.unsettled(10)).toEqual([at('1')]);
  });
});

test('counts that become unknown before they are published are published as they were, and recounted by whoever finds them', async () => {
  const [cause] = await oneRecord();
  await processOf().project(at('1'), { entries: [] }, cause, world.log, never);
  let isFirst = true;
  const apply: MwiStore['apply'] = async (...args) => {
    const applied = await world.mwi.apply(...args);
    if (isFirst) await world.mwi.invalidate(TENANT);
    isFirst = false;
    return applied;
  };
  world.truth.put('1', message('m1', 2, 'old'));
  const entries = [message('m1', 1), message('m2', 1)];
  await processOf({ mwi: { ...world.mwi, apply } }).project(at('1'), { entries }, cause, world.log, never);
  expect((await world.published('1')).map(({ old }) => old)).toEqual([0, 0]);
  expect(await world.mwi.unsettled(10)).toEqual([at('1')]);
  await processOf().settle(at('1'), world.log, never);
  expect((await world.published('1')).map(({ old }) => old)).toEqual([0, 0, 1]);
  expect(await world.mwi.unsettled(10)).toEqual([]);
});

test('a recount that another process has under way is left alone', async () => {
  for (const ref of [at('1'), at('2')]) {
    world.truth.put(ref.mailbox, message('m1', 1));
    await processOf().settle(ref, world.log, never);
  }
  await world.mwi.invalidate(TENANT);
  const token = await world.mwi.beginRecount(at('1'));
  await world.start({ limits: { settleIntervalMs: 1e9, maxSettling: 0 } });
  await world.eventually(async () =>
    expect(await world.metric('voicemail_mwi_reconciled_mailboxes_total')).toBeGreaterThanOrEqual(4),
  );
  expect(await world.mwi.mergeRecount(at('1'), token, { entries: [] })).not.toBeNull();
});

test('mailboxes of another process are neither settled nor compared', async () => {
  world.truth.put('1', message('m1', 1));
  await world.mwi.beginRecount(at('1'));
  await world.start({ log: holdingNothing(world.log) });
  // Each mailbox of the stores is named in a pass, and time passes until there were some.
  await world.eventually(() =>
    expect(world.truth.asked.filter((what) => what === `list mailboxes of ${TENANT}`).length).toBeGreaterThan(3),
  );
  expect(world.truth.asked).not.toContain('list 1');
  expect(await world.published('1')).toEqual([]);
  expect(await world.metric('voicemail_mwi_reconciled_mailboxes_total')).toBe(0);
});

test('facts of one mailbox that are handled beside a repair end in rising revisions and the truth', async () => {
  const one = processOf();
  const [cause] = await oneRecord();
  await one.project(at('1'), { entries: [] }, cause, world.log, never);
  const work: Promise<unknown>[] = [];
  for (let n = 1; n <= 20; n++) {
    world.truth.put('1', message(`m${n}`, 1));
    work.push(one.project(at('1'), { entries: [message(`m${n}`, 1)] }, cause, world.log, never));
    if (n % 5 === 0) work.push(one.repair(at('1'), world.log, never));
  }
  await Promise.all(work);
  await expectTruth('1');
  const revisions = (await world.published('1')).map(({ revision }) => revision);
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
});

async function oneRecord() {
  await world.announce('1', message('m0', 1, 'gone'));
  for await (const record of world.log.read(TOPICS.messages)) return [record] as const;
  throw new Error('the log is empty');
}
