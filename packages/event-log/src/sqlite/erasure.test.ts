import { readFile } from 'node:fs/promises';
import { systemIds } from '@voicemail/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventLog, LogRecord, TopicSettings } from '../port.ts';
import { openSqliteLog } from './open.ts';
import { openLog, readAll, TOPIC, type OpenedLog } from './testing/open-in-folder.ts';

const HOUR_MS = 3_600_000;
const TRIMMED: TopicSettings = {
  name: TOPIC,
  cleanup: { kind: 'trim', afterMs: 20 * HOUR_MS, retentionMs: 168 * HOUR_MS, groups: ['group'] },
};
const SUBSCRIBE = { group: 'group', topics: [TOPIC], maxInFlight: 4, maxBufferedRecords: 99, maxBufferedBytes: 1e6 };

/** After these a `DELETE` of the old rows, with `secure_delete` on, left some of them readable in the file. */
const MOVED_ROWS = {
  steps: [
    { sizes: [3_048, 127, 0, 0, 396, ...Array.from({ length: 13 }, () => 0)], hours: 8 },
    { sizes: [0, 0, 1_854, 1_091], hours: 12 },
  ],
  segmentBytes: 16_000_000,
  compacted: false,
};

/** A payload that can be found again in a file, however SQLite cuts it up. */
function marked(number: number, bytes: number): Uint8Array {
  const mark = `<mark-${number}>`;
  return new TextEncoder().encode(mark + `${'.'.repeat(400)}${mark}`.repeat(bytes / 400) + '.'.repeat(bytes % 400));
}

function numberOf({ value }: LogRecord): number {
  return Number(/mark-(\d+)>/.exec(new TextDecoder().decode(value ?? undefined))?.[1]);
}

async function handleAll(log: EventLog): Promise<void> {
  const subscription = await log.subscribe({ ...SUBSCRIBE, handle: async () => {} });
  await subscription.idle();
  await subscription.stop(0);
}

/** The marks in the files. Reading lets go of SQLite's lock (POSIX), which no other process wants here. */
async function marksIn({ file }: OpenedLog): Promise<Set<number>> {
  const contents = await Promise.all([file, `${file}-wal`].map((path) => readFile(path, 'latin1').catch(() => '')));
  return new Set([...contents.join('').matchAll(/mark-(\d+)>/g)].map(([, number]) => Number(number)));
}

describe('what was trimmed', () => {
  it('is in no file any more, also while the log is open, and what stays is there', async () => {
    const opened = await openLog([TRIMMED]);
    const headers = { 'ce-callerid': 'mark-1>' };
    await opened.log.append([{ topic: TOPIC, key: 'a', headers, value: marked(1, 200_000) }]);
    await handleAll(opened.log);
    await opened.clock.advance(20 * HOUR_MS);
    await opened.log.append([{ topic: TOPIC, key: 'a', value: marked(2, 200_000) }]);
    expect(await marksIn(opened)).toEqual(new Set([1, 2]));
    expect(await opened.log.clean()).toBe(1);
    expect(await marksIn(opened)).toEqual(new Set([2]));
    await opened.log.close();
    expect(await marksIn(opened)).toEqual(new Set([2]));
  });

  it('is gone though a reader has stopped half way', async () => {
    const opened = await openLog([TRIMMED]);
    for (const number of [1, 2, 3])
      await opened.log.append([{ topic: TOPIC, key: 'a', value: marked(number, 50_000) }]);
    const reader = opened.log.read(TOPIC)[Symbol.asyncIterator]();
    await reader.next();
    await handleAll(opened.log);
    await opened.clock.advance(20 * HOUR_MS);
    expect(await opened.log.clean()).toBe(3);
    expect(await marksIn(opened)).toEqual(new Set());
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  it('is gone though the topic is not in use any more', async () => {
    const opened = await openLog([{ ...TRIMMED, cleanup: { kind: 'delete', retentionMs: HOUR_MS } }]);
    await opened.log.append([{ topic: TOPIC, key: 'a', value: marked(1, 1_000) }]);
    await opened.log.close();
    await opened.clock.advance(HOUR_MS);
    const log = await openSqliteLog({ file: opened.file, topics: [], clock: opened.clock, ids: systemIds() });
    expect(await log.clean()).toBe(1);
    await log.close();
    expect(await marksIn(opened)).toEqual(new Set());
  });

  it('leaves no copies behind, whatever sizes come in whatever order (SQLite alone would: it moves rows)', async () => {
    const size = fc.noBias(fc.oneof(fc.integer({ min: 0, max: 1_200 }), fc.integer({ min: 0, max: 6_000 })));
    const step = fc.record({
      sizes: fc.array(size, { minLength: 1, maxLength: 12, size: 'max' }),
      hours: fc.noBias(fc.integer({ min: 0, max: 14 })),
    });
    const scenario = fc.record({
      steps: fc.array(step, { minLength: 10, maxLength: 30, size: 'max' }),
      segmentBytes: fc.constantFrom(8_000, 16_000_000),
      compacted: fc.boolean(),
    });
    await fc.assert(fc.asyncProperty(scenario, assertNothingStays), { numRuns: 15, examples: [[MOVED_ROWS]] });
  }, 60_000);
});

async function assertNothingStays(scenario: {
  readonly steps: readonly { readonly sizes: readonly number[]; readonly hours: number }[];
  readonly segmentBytes: number;
  readonly compacted: boolean;
}): Promise<void> {
  const cleanup = scenario.compacted ? ({ kind: 'compact' } as const) : TRIMMED.cleanup;
  const opened = await openLog([{ name: TOPIC, cleanup }], { segmentBytes: scenario.segmentBytes });
  let number = 0;
  for (const { sizes, hours } of scenario.steps) {
    await opened.log.append(
      sizes.map((size) => ({ topic: TOPIC, key: `k${size % 9}`, value: marked((number += 1), size) })),
    );
    await opened.clock.advance(hours * HOUR_MS);
    await handleAll(opened.log);
    await opened.log.clean();
    const kept = (await readAll(opened.log)).map(numberOf);
    expect(await marksIn(opened)).toEqual(new Set(kept));
  }
  await opened.log.close();
}
