import { createMetrics } from '@voicemail/runtime';
import { expect, it, vi } from 'vitest';
import { groupMetrics } from './group-metrics.ts';
import type { TopicSettings } from './port.ts';
import { openLog } from './sqlite/testing/open-in-folder.ts';

const DEPOSITS: TopicSettings = { name: 'deposits', cleanup: { kind: 'delete', retentionMs: 1e12 } };

it('tells how many records wait and are in flight, and the age of the oldest, also of one that is tried again', async () => {
  const { log, clock } = await openLog([DEPOSITS]);
  const metrics = createMetrics();
  let againMs: number | null = null;
  const group = groupMetrics({
    log,
    clock,
    metrics,
    group: 'consumers',
    topics: ['deposits'],
    oldestAgain: () => againMs,
  });
  const told = async (): Promise<readonly number[]> => {
    const { text } = await metrics.expose();
    return ['waiting', 'in_flight']
      .map((name) => `voicemail_records_${name}`)
      .concat('voicemail_oldest_waiting_seconds')
      .map((name) => Number(new RegExp(String.raw`^${name}\{topic="deposits"\} (.+)$`, 'm').exec(text)?.[1]));
  };
  const gate = Promise.withResolvers<void>();
  const subscription = await log.subscribe({
    group: 'consumers',
    topics: ['deposits'],
    maxInFlight: 2,
    maxBufferedRecords: 100,
    maxBufferedBytes: 1_000_000,
    handle: (records) => group.handling('deposits', records.length, () => gate.promise),
  });
  expect(await told()).toEqual([0, 0, 0]);
  await log.append(['a', 'b', 'c'].map((key) => ({ topic: 'deposits', key, value: null })));
  await clock.advance(7_000);
  await vi.waitFor(async () => expect(await told()).toEqual([3, 2, 7]), { timeout: 15_000 });
  gate.resolve();
  await subscription.idle();
  expect(await told()).toEqual([0, 0, 0]);
  againMs = clock.now() - 60_000;
  expect(await told()).toEqual([0, 0, 60]);
  await subscription.stop(0);
});

it('counts what fails as over', async () => {
  const { log, clock } = await openLog([DEPOSITS]);
  const metrics = createMetrics();
  const group = groupMetrics({ log, clock, metrics, group: 'consumers', topics: ['deposits'] });
  await expect(group.handling('deposits', 3, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect((await metrics.expose()).text).toContain('voicemail_records_in_flight{topic="deposits"} 0');
});
