import { manualClock, systemClock, systemIds, type Ids, type ManualClock } from '@voicemail/runtime';
import { onTestFinished, vi } from 'vitest';
import type {
  Cleanup,
  EventLog,
  LogRecord,
  NewRecord,
  SubscribeOptions,
  Subscription,
  TopicSettings,
} from '../port.ts';

/** What a backend is opened with for one test. */
export interface LogUnderTestOptions {
  readonly topics: readonly TopicSettings[];
  readonly clock: ManualClock;
  readonly ids: Ids;
  readonly maxRecordBytes: number;
}

export interface LogUnderTest {
  readonly log: EventLog;
  /** Closes what is open and opens the same data again, as the next process does. */
  reopen(): Promise<EventLog>;
  /** Closes what is open and removes the data. */
  dispose(): Promise<void>;
}

export type OpenLogUnderTest = (options: LogUnderTestOptions) => Promise<LogUnderTest>;

/** What a backend can show in a test. What it cannot is skipped by this, never by its name. */
export interface LogCapabilities {
  /** Several subscribers of one group in one process share a topic; otherwise the second is refused `in-use`. */
  readonly sharesTopics: boolean;
  /** A busy key holds up nobody else, however many of its records lie in front; otherwise up to the read-ahead. */
  readonly passesOverBusyKeys: boolean;
  /** Append times come from the given clock; otherwise from a server's. */
  readonly stampsByClock: boolean;
  /** `clean` removes at once, by the given clock; otherwise a server does, in its own time. */
  readonly cleansAtOnce: boolean;
}

export const MAX_RECORD_BYTES = 1_000_000;
const CONDITION_TIMEOUT_MS = 60_000;
const text = new TextEncoder();

/** One log with topics of its own, a clock that the test moves, and what its handlers saw. */
export interface World {
  readonly clock: ManualClock;
  log: EventLog;
  reopen(): Promise<void>;
  /** The name of the nth topic. */
  topic(index?: number): string;
  /** A group that no other test has. */
  readonly group: string;
  append(...records: readonly Partial<NewRecord>[]): Promise<void>;
  subscribe(options: Partial<SubscribeOptions> & Pick<SubscribeOptions, 'handle'>): Promise<Subscription>;
  /** Moves the clock on by `stepMs` at a time, a little if not told, until the condition holds. */
  until(condition: () => boolean, stepMs?: number): Promise<void>;
}

export async function openWorld(
  open: OpenLogUnderTest,
  topics: readonly { readonly cleanup?: Cleanup; readonly delayMs?: number }[] = [{}],
): Promise<World> {
  const ids = systemIds();
  const token = ids.token().slice(0, 12);
  // A server stamps records by the real time; a clock that starts there fits both.
  const clock = manualClock(systemClock().now());
  const names = topics.map((_, index) => `contract-${token}-${index}`);
  const settings = topics.map(({ cleanup, delayMs }, index) => ({
    name: names[index] ?? '',
    cleanup: cleanup ?? ({ kind: 'delete', retentionMs: 7 * 24 * 3_600_000 } as const),
    ...(delayMs !== undefined && { delayMs }),
  }));
  const opened = await open({ topics: settings, clock, ids, maxRecordBytes: MAX_RECORD_BYTES });
  onTestFinished(() => opened.dispose());
  const topic = (index = 0): string => names[index] ?? '';
  const world: World = {
    clock,
    log: opened.log,
    reopen: async () => {
      world.log = await opened.reopen();
    },
    topic,
    group: `group-${token}`,
    append: async (...records) => {
      await world.log.append(records.map((one) => ({ topic: topic(), key: 'k', value: null, ...one })));
    },
    subscribe: (options) =>
      world.log.subscribe({
        group: world.group,
        topics: [topic()],
        maxInFlight: 8,
        maxBufferedRecords: 1_000,
        maxBufferedBytes: 10_000_000,
        ...options,
      }),
    until: (condition, stepMs = 1) =>
      vi.waitFor(
        async () => {
          await clock.advance(stepMs);
          if (!condition()) throw new Error('the condition never held');
        },
        { timeout: CONDITION_TIMEOUT_MS, interval: 2 },
      ),
  };
  return world;
}

export function bytes(value: string): Uint8Array {
  return text.encode(value);
}

export function valueOf({ value }: LogRecord): string | null {
  return value === null ? null : new TextDecoder().decode(value);
}

/** Records for a key each, numbered in order: `record('a', 3)` has the value `a3`. */
export function record(key: string, number: number): Pick<NewRecord, 'key' | 'value'> {
  return { key, value: bytes(`${key}${number}`) };
}

export async function readAll(world: World, topic = world.topic(), fromOffset?: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const one of world.log.read(topic, fromOffset === undefined ? {} : { fromOffset })) records.push(one);
  return records;
}

/** In the order of the alphabet: for what may come in any order. */
export function sorted(values: Iterable<string | null | undefined>): string[] {
  return [...values].map((value) => value ?? '').toSorted((a, b) => (a < b ? -1 : 1));
}

/** A promise and its switch: handlers wait on it until the test lets them go. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
