import { describe, expect, it } from 'vitest';
import type { TopicSettings } from '../port.ts';
import { openLog, TOPIC, type OpenedLog } from './testing/open-in-folder.ts';

const DELAY_MS = 10_000;
const DELAYED: TopicSettings = { name: TOPIC, cleanup: { kind: 'delete', retentionMs: 1e12 }, delayMs: DELAY_MS };

async function consume(opened: OpenedLog): Promise<{ readonly seen: number[]; readonly idle: () => Promise<void> }> {
  const seen: number[] = [];
  const subscription = await opened.log.subscribe({
    group: 'group',
    topics: [TOPIC],
    maxInFlight: 4,
    maxBufferedRecords: 10,
    maxBufferedBytes: 1_000,
    handle: async (records) => void seen.push(...records.map(({ offset }) => offset)),
  });
  return { seen, idle: () => subscription.idle() };
}

async function append(opened: OpenedLog): Promise<void> {
  await opened.log.append([{ topic: TOPIC, key: null, value: null }]);
}

describe('a delayed topic', () => {
  it('hands each record over at its own moment', async () => {
    const opened = await openLog([DELAYED]);
    const { seen } = await consume(opened);
    for (let count = 0; count < 3; count += 1) {
      await append(opened);
      await opened.clock.advance(1_000);
    }
    await opened.clock.advance(DELAY_MS - 3_001);
    expect(seen).toEqual([]);
    for (const expected of [[0], [0, 1], [0, 1, 2]]) {
      await opened.clock.advance(1_000);
      await opened.clock.advance(0);
      expect(seen).toEqual(expected);
    }
  });

  it('makes records wait for their delay and no longer when the wall clock was set back', async () => {
    const opened = await openLog([DELAYED]);
    for (let count = 0; count < 50; count += 1) await append(opened);
    opened.clock.jumpWall(-365 * 24 * 3_600_000);
    const { seen } = await consume(opened);
    await opened.clock.advance(DELAY_MS - 1);
    expect(seen).toEqual([]);
    await opened.clock.advance(1);
    for (let turn = 0; turn < 50; turn += 1) await opened.clock.advance(0);
    expect(seen).toHaveLength(50);
  });

  it('hands over what a wall clock set forward makes due, at the latest when somebody asks', async () => {
    const opened = await openLog([DELAYED]);
    await append(opened);
    const { seen, idle } = await consume(opened);
    await idle();
    expect(seen).toEqual([]);
    opened.clock.jumpWall(DELAY_MS);
    await idle();
    expect(seen).toEqual([0]);
  });

  it('is idle with a due and an undue record once the due one is committed', async () => {
    const opened = await openLog([DELAYED]);
    await append(opened);
    await opened.clock.advance(DELAY_MS);
    await append(opened);
    const { seen, idle } = await consume(opened);
    await idle();
    expect(seen).toEqual([0]);
    expect(await opened.log.lag('group', [TOPIC])).toMatchObject([{ waiting: 1 }]);
  });
});

describe('cleaning by age', () => {
  it('keeps young records though older ones seem to come from the future', async () => {
    const opened = await openLog([{ name: TOPIC, cleanup: { kind: 'delete', retentionMs: 1_000 } }]);
    opened.clock.jumpWall(1e9);
    await append(opened);
    opened.clock.jumpWall(-1e9);
    await append(opened);
    expect(await opened.log.clean()).toBe(0);
    await opened.clock.advance(999);
    await append(opened);
    await opened.clock.advance(1);
    expect(await opened.log.clean()).toBe(2);
  });
});

describe('a record that retention took while it waited for its handler', () => {
  it('is passed over, and what is after it is handled', async () => {
    const opened = await openLog([{ name: TOPIC, cleanup: { kind: 'delete', retentionMs: 1_000 } }]);
    const first = Promise.withResolvers<void>();
    const seen: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      await opened.log.append([{ topic: TOPIC, key: 'same', value: null }]);
    }
    const subscription = await opened.log.subscribe({
      group: 'group',
      topics: [TOPIC],
      maxInFlight: 1,
      maxBufferedRecords: 10,
      maxBufferedBytes: 1_000,
      handle: async (records) => {
        seen.push(...records.map(({ offset }) => offset));
        await first.promise;
      },
    });
    await opened.clock.advance(1_000);
    expect(await opened.log.clean()).toBe(3);
    await opened.log.append([{ topic: TOPIC, key: 'same', value: null }]);
    first.resolve();
    await subscription.idle();
    expect(seen).toEqual([0, 3]);
  });
});
