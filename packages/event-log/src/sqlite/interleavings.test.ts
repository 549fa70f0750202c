import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { LogRecord, Subscription } from '../port.ts';
import { openLog, readAll, TOPIC } from './testing/open-in-folder.ts';

const GROUP = 'group';

type Step =
  | { readonly kind: 'append'; readonly keys: readonly string[] }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly ('done' | 'fail' | 'slow')[] }
  | { readonly kind: 'release' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'stop'; readonly graceMs: number }
  | { readonly kind: 'reopen' };

const key = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), keys: fc.array(key, { maxLength: 8 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('outcomes' as const),
      outcomes: fc.array(fc.constantFrom('done' as const, 'fail' as const, 'slow' as const), { maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const), graceMs: fc.constantFrom(0, 1_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);

/** The log, a subscriber that does what the outcomes say, and what must hold at every moment. */
async function run(steps: readonly Step[], maxBatch: number, segmentBytes: number): Promise<void> {
  const opened = await openLog(undefined, { segmentBytes });
  const handled = new Set<number>();
  const firstHandedOver: LogRecord[] = [];
  const known = new Set<number>();
  let outcomes: ('done' | 'fail' | 'slow')[] = [];
  let slow: (() => void)[] = [];

  const subscribe = (): Promise<Subscription> =>
    opened.log.subscribe({
      group: GROUP,
      topics: [TOPIC],
      maxInFlight: 3,
      maxBatch,
      maxBufferedRecords: 5,
      maxBufferedBytes: 40,
      handle: async (records) => {
        for (const record of records) {
          if (!known.has(record.offset)) firstHandedOver.push(record);
          known.add(record.offset);
        }
        const outcome = outcomes.shift() ?? 'done';
        if (outcome === 'fail') throw new Error('fails');
        if (outcome === 'slow') await new Promise<void>((resolve) => slow.push(resolve));
        for (const { offset } of records) handled.add(offset);
      },
    });
  const release = (): void => {
    for (const resolve of slow) resolve();
    slow = [];
  };
  /** What is committed is everything before the lowest offset that nobody has handled, or less. */
  const assertNothingPassed = async (): Promise<void> => {
    const end = (await readAll(opened.log)).length;
    const [lag] = await opened.log.lag(GROUP, [TOPIC]);
    const committed = end - (lag?.waiting ?? 0);
    for (let offset = 0; offset < committed; offset += 1) expect(handled.has(offset)).toBe(true);
  };

  let subscription = await subscribe();
  let appended = 0;
  for (const one of steps) {
    switch (one.kind) {
      case 'append':
        appended += one.keys.length;
        await opened.log.append(one.keys.map((name) => ({ topic: TOPIC, key: name, value: new Uint8Array(9) })));
        break;
      case 'outcomes':
        outcomes = [...one.outcomes];
        break;
      case 'release':
        release();
        break;
      case 'pass':
        await opened.clock.advance(one.ms);
        break;
      case 'stop': {
        const stopping = subscription.stop(one.graceMs);
        await opened.clock.advance(one.graceMs);
        await stopping;
        await assertNothingPassed();
        subscription = await subscribe();
        break;
      }
      case 'reopen':
        await opened.reopen();
        subscription = await subscribe();
        break;
    }
    await opened.clock.advance(0);
    await assertNothingPassed();
  }
  outcomes = [];
  await vi.waitFor(
    async () => {
      release();
      await opened.clock.advance(60_000);
      expect(handled.size).toBe(appended);
    },
    { interval: 1, timeout: 30_000 },
  );
  await subscription.idle();
  expect(await opened.log.lag(GROUP, [TOPIC])).toMatchObject([{ waiting: 0 }]);
  for (const name of ['a', 'b', 'c', 'd']) {
    const offsets = firstHandedOver.filter((record) => record.key === name).map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
  }
  await opened.log.close();
}

describe('any interleaving of appends, slow and failing handlers, stops and reopenings', () => {
  it('handles every record, in order of its key the first time, and commits no unhandled one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(20, 16_000_000),
        run,
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
