import { manualClock } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { stopList } from './stop-list.ts';

describe('stopping after a command', () => {
  it('stops what was opened last first, each within its limit', async () => {
    const stops = stopList(manualClock(0));
    const stopped: string[] = [];
    for (const [name, limitMs] of [
      ['log', 100],
      ['api', 5_000],
    ] as const) {
      stops.add(name, async (graceMs) => void stopped.push(`${name} ${graceMs}`), { limitMs });
    }
    await stops.stopAll(1_000);
    expect(stopped).toEqual(['api 1000', 'log 100']);
  });

  it('stops the rest when a step fails, and tells the failure', async () => {
    const stops = stopList(manualClock(0));
    let isClosed = false;
    stops.add('log', async () => void (isClosed = true));
    stops.add('api', () => Promise.reject(new Error('in vain')));
    await expect(stops.stopAll(1_000)).rejects.toThrow('in vain');
    expect(isClosed).toBe(true);
  });
});
