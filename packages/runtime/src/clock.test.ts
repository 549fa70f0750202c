import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';

it('moves wall time by the offset and leaves the monotonic scale alone', () => {
  const hourMs = 3_600_000;
  const aheadMs = systemClock(hourMs).now() - Date.now();
  expect(aheadMs).toBeGreaterThan(hourMs - 1_000);
  expect(aheadMs).toBeLessThan(hourMs + 1_000);
  expect(Math.abs(systemClock(hourMs).monotonicMs() - performance.now())).toBeLessThan(1_000);
});

it('sleeps for the time asked for, and not at all when the signal came first', async () => {
  const clock = systemClock();
  const sinceMs = clock.monotonicMs();
  await clock.sleep(5);
  expect(clock.monotonicMs() - sinceMs).toBeGreaterThanOrEqual(4);
  await expect(clock.sleep(60_000, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
});

it('wakes with the reason of a signal that aborts during the sleep', async () => {
  const controller = new AbortController();
  const asleep = systemClock().sleep(60_000, controller.signal);
  controller.abort(new Error('stop'));
  await expect(asleep).rejects.toThrow('stop');
});

it('calls after the time asked for, and not where it was called off', async () => {
  const clock = systemClock();
  const sinceMs = clock.monotonicMs();
  const calledOff = clock.after(1, () => expect.unreachable('it was called off'));
  calledOff();
  await new Promise<void>((resolve) => void clock.after(5, resolve));
  expect(clock.monotonicMs() - sinceMs).toBeGreaterThanOrEqual(4);
});
