import { join } from 'node:path';
import { openKafkaLog, openSqliteLog, type EventLog, type TopicSettings } from '@voicemail/event-log';
import { openRedisMwiStore, openSqliteMwiStore, type MwiStore } from '@voicemail/mwi-store';
import { manualClock, systemClock, type Clock, type Ids, type ManualClock } from '@voicemail/runtime';
import { backboneOf, isDistributed } from './backbone.ts';

const system = systemClock();
const TICK_MS = 10;

/** Order over a whole topic is what an embedded log has. */
const PARTITIONS = 1;

/**
 * When a deployment in these tests begins. Kafka stamps records by its own clock, so there it is now, less what the events of a test
 * take by their own times: none is from the future.
 */
export const START = isDistributed ? system.now() - 60_000 : Date.parse('2026-03-02T10:00:00.000Z');

interface InProcessOptions {
  readonly folder: string;
  readonly topics: readonly TopicSettings[];
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The log and the counts of a deployment whose services run in this process. */
export async function openBackbone(options: InProcessOptions): Promise<{ log: EventLog; mwi: MwiStore }> {
  const { folder, topics, clock, ids } = options;
  if (!isDistributed) {
    const log = await openSqliteLog({ file: join(folder, 'log.sqlite'), topics, clock, ids });
    return { log, mwi: await openSqliteMwiStore({ file: join(folder, 'mwi.sqlite'), clock, ids }) };
  }
  const { kafka, redis } = await backboneOf(folder);
  const { brokers } = kafka;
  const log = await openKafkaLog({ brokers, clientId: 'journey', partitions: PARTITIONS, topics, clock, ids });
  return { log, mwi: await openRedisMwiStore({ urls: [redis.url], clock, ids }) };
}

/** Time that stands still until it is moved. On Kafka and Redis it goes on by itself as well: what they are asked takes them time. */
export function deploymentClock(): ManualClock & Disposable {
  if (!isDistributed) return { ...manualClock(START), [Symbol.dispose]: () => undefined };
  const clock = manualClock(system.now());
  let moved = Promise.resolve();
  // One move after the other: two at once would take time back.
  const advance = (ms: number): Promise<void> => (moved = moved.then(() => clock.advance(ms)));
  let sinceMs = system.monotonicMs();
  const timer = setInterval(() => {
    const nowMs = system.monotonicMs();
    void advance(nowMs - sinceMs);
    sinceMs = nowMs;
  }, TICK_MS);
  return {
    ...clock,
    // Whole milliseconds, as the machine's clock has them, though ticks and pauses with jitter are not.
    now: () => Math.trunc(clock.now()),
    advance,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
