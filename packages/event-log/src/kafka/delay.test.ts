import { manualClock } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { Delay } from './delay.ts';

const DELAY_MS = 60_000;

describe('the delay of a topic', () => {
  it('makes a record due when it has been in the log that long', async () => {
    const clock = manualClock(1_000_000);
    const delay = new Delay(DELAY_MS, clock);
    expect(delay.isDue(1_000_000)).toBe(false);
    await clock.advance(DELAY_MS);
    expect(delay.isDue(1_000_000)).toBe(true);
    expect(delay.isDue(1_000_001)).toBe(false);
  });

  it('sleeps until the record is due', async () => {
    const clock = manualClock(1_000_000);
    let awake = false;
    void new Delay(DELAY_MS, clock).sleep(990_000, new AbortController().signal).then(() => {
      awake = true;
    });
    await clock.advance(49_999);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
  });

  it('makes a record wait for its delay and no longer, also when the wall clock goes back', async () => {
    const clock = manualClock(1_000_000);
    const delay = new Delay(DELAY_MS, clock);
    clock.jumpWall(-500_000);
    const slept = delay.sleep(1_000_000, new AbortController().signal);
    await clock.advance(DELAY_MS);
    await slept;
    expect(delay.isDue(1_000_000)).toBe(true);
    expect(delay.isDue(1_000_001)).toBe(false);
  });
});
