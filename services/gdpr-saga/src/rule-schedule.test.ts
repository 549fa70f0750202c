import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from '@voicemail/gdpr/testing';
import {
  changeState,
  forwardMessage,
  listMarked,
  readMessage,
  type ServedTenant,
  type TenantDirectory,
} from '@voicemail/message-store';
import { openWorld } from '@voicemail/message-store/testing';
import { createLogger, createMetrics, readSchedule } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRuleSchedule } from './rule-schedule.ts';

const HOUR_MS = 3_600_000;
const TEN_MS = 10 * HOUR_MS;
const MONDAY = '2026-03-02';
const TUESDAY = '2026-03-03';
const WEDNESDAY = '2026-03-04';

let world: GdprWorld;
/** When each run over the tenant began, and the messages that it deleted. */
let runs: { readonly at: string; readonly deleted: readonly string[] }[];
let stop: () => Promise<void>;

beforeEach(async () => {
  world = await openGdprWorld(() => openWorld(undefined, Date.parse(`${MONDAY}T09:00:00Z`)));
  runs = [];
  start('0 10 * * *');
});
afterEach(async () => {
  await stop();
  await world[Symbol.asyncDispose]();
});

/** A process that follows a schedule. */
function start(expression: string): void {
  const { gdpr } = world.worker();
  const served = { tenant: { tenantId: 't100' }, stores: world.world.stores } as ServedTenant;
  const schedule = readSchedule(expression);
  if (typeof schedule === 'string') throw new TypeError(schedule);
  const rule = startRuleSchedule({
    gdpr: {
      ...gdpr,
      runRule: async (...args) => {
        const at = now();
        const outcome = await gdpr.runRule(...args);
        runs.push({ at, deleted: outcome.deleted.map(({ messageId }) => messageId) });
        return outcome;
      },
    },
    tenants: { all: () => [served] } as unknown as TenantDirectory,
    schedule,
    clock: world.clock,
    logger: createLogger({ level: 'silent', name: 'test' }),
    metrics: createMetrics(),
  });
  stop = () => rule.stop();
}

const now = (): string => new Date(world.clock.now()).toISOString();

/** Time passes until then. It stands still while a run begins: what a store needs some milliseconds for must not take a day. */
async function until(time: string): Promise<void> {
  const untilMs = Date.parse(time);
  for (let runMs = tenOClockAfter(world.clock.now()); runMs <= untilMs; runMs = tenOClockAfter(world.clock.now())) {
    const before = runs.length;
    await world.clock.advance(runMs - world.clock.now());
    await ranSince(before);
  }
  await world.clock.advance(untilMs - world.clock.now());
}
const tenOClockAfter = (ms: number): number => Math.floor((ms - TEN_MS) / DAY_MS + 1) * DAY_MS + TEN_MS;

/** Time passes until one more run is over. */
async function ranSince(before: number): Promise<void> {
  const over = async (): Promise<void> => {
    while (runs.length === before) await new Promise((resolve) => setImmediate(resolve));
  };
  await world.whileTimePasses(over());
}

/** A message of the caller, marked at that very moment. */
async function markedAt(time: string): Promise<void> {
  await world.deposit({ messageId: 'm1' });
  await until(time);
  const worker = world.worker();
  await worker.gdpr.take(worker.stores, request('f1', 'forgetme', time, CALLER), time);
  const working = worker.gdpr.work(worker.stores, new AbortController().signal);
  const isMarked = async (): Promise<boolean> => (await Array.fromAsync(listMarked(worker.stores))).length > 0;
  while (!(await isMarked()));
  await world.whileTimePasses(working);
  expect((await readMessage(worker.stores, '9876', 'm1'))?.value.forgetMarkedAt).toBe(new Date(time).toISOString());
}

const deletions = (): typeof runs => runs.filter(({ deleted }) => deleted.length > 0);

describe('with a daily run at 10:00 UTC', () => {
  it.each([
    ['09:59', TUESDAY],
    ['10:00', TUESDAY],
    ['10:01', WEDNESDAY],
  ])('what is marked at %s on Monday is deleted on %s', async (time, day) => {
    await markedAt(`${MONDAY}T${time}:00Z`);
    await until(`${WEDNESDAY}T10:00:01Z`);
    expect(deletions()).toEqual([{ at: `${day}T10:00:00.000Z`, deleted: ['m1'] }]);
    expect(await readMessage(world.world.stores, '9876', 'm1')).toBeNull();
  });

  it.each(['read', 'forwarded'])(
    'what is %s after its mark goes a day after that, with what was made of it',
    async (how) => {
      await markedAt(`${MONDAY}T09:59:00Z`);
      const { stores } = world.world;
      const m1 = { mailbox: '9876', messageId: 'm1' };
      await until(`${MONDAY}T20:00:00Z`);
      const order = { at: now(), id: 'a1' };
      if (how === 'read') await changeState(stores, '9876', 'm1', { action: 'read', order }, now());
      else await forwardMessage(stores, m1, '42', 'event-1', now());
      await until(`${TUESDAY}T10:00:01Z`);
      expect(deletions()).toEqual([]);
      await until(`${WEDNESDAY}T10:00:01Z`);
      const [deletion] = deletions();
      expect(deletion?.at).toBe(`${WEDNESDAY}T10:00:00.000Z`);
      expect(deletion?.deleted).toHaveLength(how === 'read' ? 1 : 2);
      expect(await Array.fromAsync(listMarked(stores))).toEqual([]);
    },
  );

  it('a clock that is set back is waited for, and nothing is deleted early', async () => {
    await markedAt(`${MONDAY}T09:59:00Z`);
    await until(`${TUESDAY}T09:50:00Z`);
    world.clock.jumpWall(-3 * HOUR_MS);
    await until(`${TUESDAY}T09:59:59Z`);
    expect(deletions()).toEqual([]);
    await until(`${TUESDAY}T10:00:01Z`);
    expect(deletions()).toEqual([{ at: `${TUESDAY}T10:00:00.000Z`, deleted: ['m1'] }]);
  });

  it('a clock that is set back after a run has it again: what it has dated ahead is kept a day from then', async () => {
    await markedAt(`${MONDAY}T12:00:00Z`);
    world.clock.jumpWall(-3 * HOUR_MS);
    await until(`${TUESDAY}T10:00:01Z`);
    const monday = `${MONDAY}T10:00:00.000Z`;
    expect(runs.map(({ at }) => at)).toEqual([monday, monday, `${TUESDAY}T10:00:00.000Z`]);
    expect(deletions()).toEqual([]);
    await until(`${WEDNESDAY}T10:00:01Z`);
    expect(deletions()).toEqual([{ at: `${WEDNESDAY}T10:00:00.000Z`, deleted: ['m1'] }]);
  });

  it('a machine that slept through two runs makes up for them as it wakes, with one', async () => {
    await markedAt(`${MONDAY}T10:01:00Z`);
    const before = runs.length;
    world.clock.jumpWall(2 * DAY_MS + HOUR_MS);
    const woken = now();
    await world.clock.advance(60_000);
    await ranSince(before);
    await world.clock.advance(HOUR_MS);
    expect(runs.slice(before)).toHaveLength(1);
    expect(deletions()).toEqual([{ at: expect.stringContaining(woken.slice(0, 13)) as string, deleted: ['m1'] }]);
  });

  it.each([
    ['09:59', TUESDAY, '10:30'],
    ['10:01', WEDNESDAY, '10:00'],
  ])(
    'where no process was there on Tuesday until 10:30, what is marked at %s on Monday is deleted on %s at %s',
    async (time, day, at) => {
      await markedAt(`${MONDAY}T${time}:00Z`);
      await stop();
      await world.clock.advance(Date.parse(`${TUESDAY}T10:30:00Z`) - world.clock.now());
      const before = runs.length;
      start('0 10 * * *');
      await ranSince(before);
      await until(`${WEDNESDAY}T10:00:01Z`);
      expect(deletions()).toEqual([{ at: expect.stringContaining(`${day}T${at}:`) as string, deleted: ['m1'] }]);
    },
  );

  it('where another run follows within the hour, nothing is made up for', async () => {
    await markedAt(`${MONDAY}T09:20:00Z`);
    await stop();
    await world.clock.advance(Date.parse(`${TUESDAY}T10:30:00Z`) - world.clock.now());
    start('0 * * * *');
    await world.clock.advance(HOUR_MS / 2 - 1);
    expect(runs.filter(({ at }) => at.startsWith(TUESDAY))).toEqual([]);
    const before = runs.length;
    await world.clock.advance(1);
    await ranSince(before);
    expect(deletions()).toEqual([{ at: `${TUESDAY}T11:00:00.000Z`, deleted: ['m1'] }]);
  });
});
