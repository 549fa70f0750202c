import { describe, expect, it } from 'vitest';
import { createHealth, HEALTH_CACHE_MS } from './health.ts';
import { manualClock } from './manual-clock.ts';

const clockAndHealth = () => {
  const clock = manualClock(0);
  return { clock, health: createHealth({ clock, checkTimeoutMs: 2_000 }) };
};

describe('readiness', () => {
  it('is given when every check holds, and for a process that has none', async () => {
    const { health } = clockAndHealth();
    expect(await health.report()).toEqual({ ready: true, checks: [] });
    health.add('log', () => Promise.resolve());
    expect(await health.report()).toEqual({ ready: true, checks: [{ name: 'log', ok: true }] });
  });

  it('names what fails and says why, beside what holds', async () => {
    const { health } = clockAndHealth();
    health.add('log', () => Promise.resolve());
    health.add('store westeurope', () => Promise.reject(new Error('no space left on device')));
    expect(await health.report()).toEqual({
      ready: false,
      checks: [
        { name: 'log', ok: true },
        { name: 'store westeurope', ok: false, detail: 'no space left on device' },
      ],
    });
  });

  it('counts a check that throws at once as failed', async () => {
    const { health } = clockAndHealth();
    health.add('odd', () => {
      throw new Error('cannot even begin');
    });
    expect((await health.report()).checks).toEqual([{ name: 'odd', ok: false, detail: 'cannot even begin' }]);
  });

  it('gives up on a check that does not answer in time, and waits for the others no longer than that', async () => {
    const { clock, health } = clockAndHealth();
    health.add('hung', () => new Promise(() => undefined));
    health.add('log', () => Promise.resolve());
    const report = health.report();
    await clock.advance(2_000);
    expect(await report).toEqual({
      ready: false,
      checks: [
        { name: 'hung', ok: false, detail: 'no answer within 2000 ms' },
        { name: 'log', ok: true },
      ],
    });
  });

  it('starts no second run of a check that has not come back', async () => {
    const { clock, health } = clockAndHealth();
    let started = 0;
    health.add('hung', () => {
      started += 1;
      return new Promise(() => undefined);
    });
    for (let round = 0; round < 3; round += 1) {
      const report = health.report();
      await clock.advance(2_000);
      expect((await report).ready).toBe(false);
    }
    expect(started).toBe(1);
  });

  it('answers probes that come close together from one run, and later ones from a new one', async () => {
    const { clock, health } = clockAndHealth();
    let runs = 0;
    health.add('counted', () => {
      runs += 1;
      return Promise.resolve();
    });
    await Promise.all([health.report(), health.report()]);
    await clock.advance(HEALTH_CACHE_MS - 1);
    await health.report();
    expect(runs).toBe(1);
    await clock.advance(1);
    await health.report();
    expect(runs).toBe(2);
  });

  it('shows no address in a detail', async () => {
    const { health } = clockAndHealth();
    health.add('log', () => Promise.reject(new Error('connect ECONNREFUSED 192.0.2.7:9092')));
    expect(JSON.stringify(await health.report())).not.toContain('192.0.2.7');
  });
});
