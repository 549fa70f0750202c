import { describe, expect, it } from 'vitest';
import { withAppend } from './layers/with-append.ts';
import { LogError } from './log-error.ts';
import type { LogRecord, TopicSettings } from './port.ts';
import { FIRST_TAKEN_HEADER, firstTaken, retryTopics } from './retry-topics.ts';
import { MAX_IN_PLACE_ATTEMPTS, retrying, type FailureClass, type RetryingOptions } from './retrying.ts';
import { openLog, readAll, type OpenedLog } from './sqlite/testing/open-in-folder.ts';

const MINUTE_MS = 60_000;
const DEPOSITS: TopicSettings = { name: 'deposits', cleanup: { kind: 'delete', retentionMs: 1e12 } };
const DELAYS = [
  { name: '10s', ms: 10_000 },
  { name: '1m', ms: MINUTE_MS },
];

interface Bench extends OpenedLog {
  /** Each attempt: the topic of the record, and the time since the first append. */
  readonly attempts: { readonly topic: string; readonly atMs: number; readonly record: LogRecord }[];
  readonly buried: { readonly record: LogRecord; readonly error: unknown }[];
  readonly start: (options?: Partial<RetryingOptions>) => ReturnType<typeof retrying>;
  readonly append: () => Promise<void>;
  /** Lets the subscriber work until time has moved by `ms`. */
  readonly pass: (ms: number) => Promise<void>;
}

async function bench(failure: FailureClass): Promise<Bench> {
  const opened = await openLog([DEPOSITS, ...retryTopics(DEPOSITS, DELAYS)]);
  const startMs = opened.clock.now();
  const attempts: Bench['attempts'] = [];
  const buried: Bench['buried'] = [];
  return Object.assign(opened, {
    attempts,
    buried,
    start: (options: Partial<RetryingOptions> = {}) =>
      retrying({
        log: opened.log,
        clock: opened.clock,
        ids: { random: () => 0.5 },
        topic: DEPOSITS.name,
        delays: DELAYS,
        group: 'group',
        maxInFlight: 4,
        maxBufferedRecords: 100,
        maxBufferedBytes: 1e6,
        handle: async (record) => {
          attempts.push({ topic: record.topic, atMs: opened.clock.now() - startMs, record });
          throw new Error('no');
        },
        classify: () => failure,
        maxAgeMs: () => 5 * MINUTE_MS,
        bury: async (record, error) => void buried.push({ record, error }),
        ...options,
      }),
    append: async () => {
      await opened.log.append([
        { topic: DEPOSITS.name, key: 'k', value: new Uint8Array([1, 2]), headers: { traceparent: '00-1' } },
      ]);
    },
    pass: async (ms: number) => {
      for (let moved = 0; moved < ms; moved += 1_000) await opened.clock.advance(1_000);
      for (let turn = 0; turn < 20; turn += 1) await opened.clock.advance(0);
    },
  });
}

describe('retrying', () => {
  it('takes a record up the delays, lets it stay at the last one, and buries it when it is too old', async () => {
    const { attempts, buried, start, append, pass, log } = await bench('later');
    await start();
    await append();
    await pass(10 * MINUTE_MS);
    expect(attempts.map(({ topic }) => topic)).toEqual([
      'deposits',
      'deposits.retry.10s',
      ...Array.from({ length: 5 }, () => 'deposits.retry.1m'),
    ]);
    for (const [index, expectedMs] of [0, 10_000, 70_000, 130_000].entries()) {
      expect(attempts[index]?.atMs).toBeGreaterThanOrEqual(expectedMs);
      expect(attempts[index]?.atMs).toBeLessThan(expectedMs + 5_000);
    }
    expect(buried).toHaveLength(1);
    expect(buried[0]?.error).toEqual(new Error('no'));
    expect((await log.lag('group', ['deposits', 'deposits.retry.1m'])).map(({ waiting }) => waiting)).toEqual([0, 0]);
  });

  it('keeps key, value and headers, and the time of the first taking', async () => {
    const { attempts, start, append, pass, clock } = await bench('later');
    const takenAt = new Date(clock.now()).toISOString();
    await start();
    await append();
    await pass(3 * MINUTE_MS);
    expect(attempts.length).toBeGreaterThan(3);
    for (const { record } of attempts.slice(1)) {
      expect(record).toMatchObject({ key: 'k', headers: { traceparent: '00-1', [FIRST_TAKEN_HEADER]: takenAt } });
      expect([...(record.value ?? [])]).toEqual([1, 2]);
      expect(firstTaken(record)).toBe(Date.parse(takenAt));
    }
  });

  it('tries a transient failure a few times in place before it moves the record on', async () => {
    const { attempts, start, append, pass } = await bench('in-place');
    await start();
    await append();
    await pass(9_000);
    expect(attempts.map(({ topic }) => topic)).toEqual(Array.from({ length: MAX_IN_PLACE_ATTEMPTS }, () => 'deposits'));
    await pass(5_000);
    expect(attempts).toHaveLength(2 * MAX_IN_PLACE_ATTEMPTS);
    expect(attempts.at(-1)?.topic).toBe('deposits.retry.10s');
  });

  it('buries a dead record at once', async () => {
    const { attempts, buried, start, append } = await bench('dead');
    const subscription = await start();
    await append();
    await subscription.idle();
    expect([attempts.length, buried.length]).toEqual([1, 1]);
  });

  it('asks for the age by the error, so that kinds of failures have limits of their own', async () => {
    const { attempts, buried, start, append, pass } = await bench('later');
    const errors = ['hour', 'minutes'];
    await start({
      handle: async (record) => {
        attempts.push({ topic: record.topic, atMs: 0, record });
        throw new Error(record.offset === 0 && attempts.length === 1 ? errors[0] : errors[1]);
      },
      maxAgeMs: (error) => (error instanceof Error && error.message === 'hour' ? 60 * MINUTE_MS : 0),
    });
    await append();
    await pass(15_000);
    expect(attempts).toHaveLength(2);
    expect(buried).toMatchObject([{ error: new Error('minutes') }]);
  });

  it('tries on in place when the retry topic cannot take the record, and commits nothing meanwhile', async () => {
    const { attempts, start, append, pass, log } = await bench('later');
    const broken = withAppend(log, () => Promise.reject(new LogError('full', 'no room')));
    const told: unknown[] = [];
    let healthy = false;
    const subscription = await start({
      log: broken,
      onFailure: (error) => void told.push(error),
      handle: async (record) => {
        attempts.push({ topic: record.topic, atMs: 0, record });
        if (!healthy) throw new Error('no');
      },
    });
    await append();
    await pass(2 * MINUTE_MS);
    expect(attempts.length).toBeGreaterThan(5);
    expect(new Set(attempts.map(({ topic }) => topic))).toEqual(new Set(['deposits']));
    expect(told[0]).toMatchObject({ code: 'full' });
    expect(await log.lag('group', ['deposits'])).toMatchObject([{ waiting: 1 }]);
    healthy = true;
    await pass(MINUTE_MS);
    await subscription.idle();
  });

  it('tries the burial again until it succeeds, and counts the record as done only then', async () => {
    const { start, append, pass, log } = await bench('dead');
    let burials = 0;
    let broken = true;
    const subscription = await start({
      bury: async () => {
        burials += 1;
        if (broken) throw new Error('no grave');
      },
    });
    await append();
    await pass(MINUTE_MS);
    expect(burials).toBeGreaterThan(2);
    expect(await log.lag('group', ['deposits'])).toMatchObject([{ waiting: 1 }]);
    broken = false;
    await pass(MINUTE_MS);
    await subscription.idle();
    expect(await log.lag('group', ['deposits'])).toMatchObject([{ waiting: 0 }]);
  });

  it('holds up no other record of the key behind one that fails', async () => {
    const { attempts, start, append, log } = await bench('later');
    const subscription = await start({
      handle: async (record) => {
        attempts.push({ topic: record.topic, atMs: 0, record });
        if (record.offset === 0) throw new Error('no');
      },
    });
    await append();
    await append();
    await subscription.idle();
    expect(attempts.map(({ record }) => record.offset)).toEqual([0, 1]);
    expect(await readAll(log, 'deposits.retry.10s')).toHaveLength(1);
  });

  it('leaves a record that was stopped to the next subscriber as it was', async () => {
    const { start, append, clock, log, buried } = await bench('dead');
    const started = Promise.withResolvers<void>();
    const subscription = await start({
      handle: (_, signal) =>
        new Promise((_resolve, reject) => {
          started.resolve();
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        }),
    });
    await append();
    await started.promise;
    await subscription.stop(0);
    await clock.advance(0);
    expect(buried).toEqual([]);
    expect(await log.lag('group', ['deposits'])).toMatchObject([{ waiting: 1 }]);
  });

  it('retries in place where there are no retry topics, until the record is too old', async () => {
    const { attempts, buried, start, append, pass } = await bench('later');
    await start({ delays: [] });
    await append();
    await pass(4 * MINUTE_MS);
    expect(buried).toEqual([]);
    await pass(2 * MINUTE_MS);
    expect(attempts.length).toBeGreaterThan(5);
    expect(buried).toHaveLength(1);
  });
});

describe('the topics of a retried one', () => {
  it('are named after their delays and cleaned as it is', () => {
    expect(retryTopics(DEPOSITS, DELAYS)).toEqual([
      { name: 'deposits.retry.10s', cleanup: DEPOSITS.cleanup, delayMs: 10_000 },
      { name: 'deposits.retry.1m', cleanup: DEPOSITS.cleanup, delayMs: MINUTE_MS },
    ]);
  });

  it('are refused for a compacted topic, which would lose what waits in them', () => {
    expect(() => retryTopics({ name: 'state', cleanup: { kind: 'compact' } }, DELAYS)).toThrow(RangeError);
  });
});

describe('the time of the first taking', () => {
  const record = { topic: 't', partition: 0, offset: 0, key: null, value: null, appendedAt: 5_000 };

  it('is the append, where nothing else is said or what is said is no time', () => {
    expect(firstTaken({ ...record, headers: {} })).toBe(5_000);
    expect(firstTaken({ ...record, headers: { [FIRST_TAKEN_HEADER]: 'yesterday' } })).toBe(5_000);
  });

  it('is never after the append, whatever a header from outside says', () => {
    expect(firstTaken({ ...record, headers: { [FIRST_TAKEN_HEADER]: '2999-01-01T00:00:00Z' } })).toBe(5_000);
    expect(firstTaken({ ...record, headers: { [FIRST_TAKEN_HEADER]: '1970-01-01T00:00:01Z' } })).toBe(1_000);
  });
});
