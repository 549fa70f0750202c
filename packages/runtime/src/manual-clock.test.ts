import { describe, expect, it } from 'vitest';
import { manualClock } from './manual-clock.ts';

const START_MS = Date.UTC(2026, 0, 5, 10);

describe('the manual clock', () => {
  it('stands still until it is moved, and then moves both scales', async () => {
    const clock = manualClock(START_MS);
    expect([clock.now(), clock.monotonicMs()]).toEqual([START_MS, 0]);
    await clock.advance(1_500);
    expect([clock.now(), clock.monotonicMs()]).toEqual([START_MS + 1_500, 1_500]);
  });

  it('wakes sleepers in the order of their times, each at its own moment', async () => {
    const clock = manualClock(START_MS);
    const woken: [string, number][] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push([name, clock.monotonicMs()]);
    };
    const all = Promise.all([sleeper('late', 30), sleeper('early', 10), sleeper('never', 31)]);
    await clock.advance(30);
    expect(woken).toEqual([
      ['early', 10],
      ['late', 30],
    ]);
    await clock.advance(1);
    await all;
  });

  it('lets a woken sleeper sleep again within the same move', async () => {
    const clock = manualClock(START_MS);
    let rounds = 0;
    const loop = async (): Promise<void> => {
      for (; rounds < 5; rounds += 1) await clock.sleep(100);
    };
    const done = loop();
    await clock.advance(350);
    expect(rounds).toBe(3);
    await clock.advance(150);
    await done;
  });

  it('rejects a sleep with the reason of its signal, before and during it, and forgets the sleeper', async () => {
    const clock = manualClock(START_MS);
    const why = new Error('stop');
    await expect(clock.sleep(10, AbortSignal.abort(why))).rejects.toBe(why);
    const controller = new AbortController();
    const asleep = clock.sleep(10, controller.signal);
    controller.abort(why);
    await expect(asleep).rejects.toBe(why);
    await clock.advance(20);
    expect(clock.monotonicMs()).toBe(20);
  });

  it('moves the wall alone when told to jump, also back, and no sleeper notices', async () => {
    const clock = manualClock(START_MS);
    let woken = false;
    const asleep = clock.sleep(10).then(() => (woken = true));
    clock.jumpWall(-3_600_000);
    expect([clock.now(), clock.monotonicMs()]).toEqual([START_MS - 3_600_000, 0]);
    expect(woken).toBe(false);
    await clock.advance(10);
    expect(await asleep).toBe(true);
  });
});
