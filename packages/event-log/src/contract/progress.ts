import { expect, it } from 'vitest';
import type { SubscribeOptions } from '../port.ts';
import { gate, openWorld, record, valueOf, type OpenLogUnderTest, sorted } from './world.ts';

export function progressContract(open: OpenLogUnderTest): void {
  it('hands over nothing again that was committed when it stopped, also after it is opened again', async () => {
    const world = await openWorld(open);
    const seen: (string | null)[] = [];
    const handle: SubscribeOptions['handle'] = async (records) => void seen.push(...records.map(valueOf));
    const first = await world.subscribe({ handle });
    await world.append(record('a', 1), record('b', 2));
    await first.idle();
    await first.stop(1_000);
    await world.reopen();
    await world.append(record('a', 3));
    const second = await world.subscribe({ handle });
    await second.idle();
    expect(sorted(seen)).toEqual(['a1', 'a3', 'b2']);
  });

  it('hands an unfinished record over again, however much after it was done', async () => {
    const world = await openWorld(open);
    const never = gate();
    const seen: (string | null)[] = [];
    await world.append(record('stuck', 1), ...Array.from({ length: 50 }, (_, number) => record(`k${number}`, 0)));
    const first = await world.subscribe({
      maxInFlight: 2,
      handle: async ([one]) => {
        if (one?.key === 'stuck') await never.opened;
        seen.push(one ? valueOf(one) : null);
      },
    });
    await world.until(() => seen.length === 50);
    await first.stop(0);
    await world.reopen();
    const again: (string | null)[] = [];
    const second = await world.subscribe({ handle: async (records) => void again.push(...records.map(valueOf)) });
    await second.idle();
    expect(again).toContain('stuck1');
    never.open();
  });

  it('counts nothing that ends after it let go', async () => {
    const world = await openWorld(open);
    const late = gate();
    let started = false;
    await world.append(record('a', 1));
    const first = await world.subscribe({
      handle: async () => {
        started = true;
        await late.opened;
      },
    });
    await world.until(() => started);
    await first.stop(0);
    late.open();
    await world.clock.advance(1_000);
    const lags = await world.log.lag(world.group, [world.topic()]);
    expect(lags.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(1);
    const again: (string | null)[] = [];
    const second = await world.subscribe({ handle: async (records) => void again.push(...records.map(valueOf)) });
    await second.idle();
    expect(again).toEqual(['a1']);
  });

  it('takes nothing new when it is told to stop, and lets what is under way finish', async () => {
    const world = await openWorld(open);
    const slow = gate();
    const seen: (string | null)[] = [];
    await world.append(record('a', 1), record('a', 2));
    const first = await world.subscribe({
      handle: async ([one]) => {
        seen.push(one ? valueOf(one) : null);
        await slow.opened;
      },
    });
    await world.until(() => seen.length === 1);
    const stopping = first.stop(60_000);
    await world.append(record('b', 1));
    slow.open();
    await stopping;
    expect(seen).toEqual(['a1']);
    const second = await world.subscribe({ handle: async ([one]) => void seen.push(one ? valueOf(one) : null) });
    await second.idle();
    expect(sorted(seen.slice(1))).toEqual(['a2', 'b1']);
  });

  it('aborts what is still under way when the grace is over', async () => {
    const world = await openWorld(open);
    let aborted = false;
    let started = false;
    await world.append(record('a', 1));
    const subscription = await world.subscribe({
      handle: (_, signal) =>
        new Promise((_resolve, reject) => {
          started = true;
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          });
        }),
    });
    await world.until(() => started);
    let stopped = false;
    const stopping = subscription.stop(5_000).then(() => {
      stopped = true;
    });
    await world.clock.advance(4_999);
    expect([aborted, stopped]).toEqual([false, false]);
    await world.until(() => aborted, 500);
    await stopping;
  });

  it('stops at once though records wait for their next attempt', async () => {
    const world = await openWorld(open);
    let failures = 0;
    await world.append(record('a', 1));
    const subscription = await world.subscribe({
      handle: () => Promise.reject(new Error('down')),
      onFailure: () => void (failures += 1),
    });
    await world.until(() => failures > 0);
    await expect(subscription.stop(60_000)).resolves.toBeUndefined();
    await expect(subscription.stop(60_000)).resolves.toBeUndefined();
  });

  it('is idle when everything that was there at the call is handled and committed', async () => {
    const world = await openWorld(open);
    const slow = gate();
    await world.append(record('a', 1));
    const subscription = await world.subscribe({ handle: () => slow.opened });
    let idle = false;
    const waiting = subscription.idle().then(() => {
      idle = true;
    });
    await world.clock.advance(0);
    expect(idle).toBe(false);
    slow.open();
    await waiting;
    expect(await world.log.lag(world.group, [world.topic()])).toSatisfy(isZero);
    await subscription.idle();
  });

  it('says how far a group is behind, and since when', async () => {
    const world = await openWorld(open);
    await world.append(record('a', 1), record('b', 2), record('c', 3));
    const before = await world.log.lag(world.group, [world.topic()]);
    expect(before.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(3);
    expect(before.filter(({ waiting }) => waiting > 0).every((lag) => lag.oldestAppendedAt !== null)).toBe(true);
    const subscription = await world.subscribe({ handle: async () => {} });
    await subscription.idle();
    const after = await world.log.lag(world.group, [world.topic()]);
    expect(after).toSatisfy(isZero);
    expect(after.every(({ oldestAppendedAt }) => oldestAppendedAt === null)).toBe(true);
  });
}

function isZero(lags: readonly { readonly waiting: number }[]): boolean {
  return lags.every(({ waiting }) => waiting === 0);
}
