import { messageFactRecord, readMwi, topicCatalogue, TOPICS, type MwiData } from '@voicemail/contracts';
import { countEntries } from '@voicemail/domain';
import { openKafkaLog, type EventLog } from '@voicemail/event-log';
import { createProjector, type Projector } from '@voicemail/mwi-projector';
import { openRedisMwiStore } from '@voicemail/mwi-store';
import { createLogger, createMetrics, systemClock, systemIds } from '@voicemail/runtime';
import { kafkaServer, redisServer, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, it, onTestFinished } from 'vitest';
import { memoryTruth, type Truth } from '../../services/mwi-projector/src/world/truth.ts';
import { readUncommitted } from '../support/read-uncommitted.ts';

const TENANT = 't100';
const MAILBOXES = Array.from({ length: 48 }, (_, index) => String(2000 + index));
const PARTITIONS = 12;
const STOP_GRACE_MS = 5_000;
const BETWEEN_FACTS_MS = 2;
const BETWEEN_STEPS_MS = 1_500;
const LIMIT_MS = 60_000;
const [clock, ids] = [systemClock(), systemIds()];
const TOPIC_LIST = topicCatalogue({ deposits: [], gdprRequests: [] });

const redis = await redisServer();

whenAvailable(await kafkaServer(), 'projectors that share the facts on Kafka', (startKafka) => {
  whenAvailable(redis, 'and the counts in Redis', (startRedis) => {
    it(
      'two, then ten, then three, each leaving and joining under load: revisions only grow, and the last record is the truth',
      async () => {
        const [broker, counts] = await Promise.all([startKafka(), startRedis()]);
        const truth = memoryTruth(TENANT);
        const published: number[] = [];

        /** As a process of its own has it: its own clients, and nothing shared but the servers. */
        const start = async (): Promise<Projector> => {
          const log = await open(broker.brokers);
          const mwi = await openRedisMwiStore({ urls: [counts.url], clock, ids });
          const index = published.push(0) - 1;
          const metrics = createMetrics();
          const projector = createProjector({
            log,
            mwi,
            messages: truth,
            tenants: () => [{ tenantId: TENANT, sipDomain: null }],
            clock,
            ids,
            metrics,
            logger: createLogger({ level: 'silent', name: 'test' }),
          });
          await projector.start();
          return {
            ...projector,
            stop: async (graceMs) => {
              await projector.stop(graceMs);
              const line = /^voicemail_mwi_published_total (\d+)/m.exec((await metrics.expose()).text);
              published[index] = Number(line?.[1] ?? 0);
              await Promise.all([log.close(), mwi.close()]);
            },
          };
        };
        const publisher = await open(broker.brokers);
        onTestFinished(() => publisher.close());
        const stopping = new AbortController();
        const load = announce(publisher, truth, stopping.signal);
        // Told where it is awaited.
        load.catch(() => undefined);

        const running = await Promise.all([start(), start()]);
        await pause(BETWEEN_STEPS_MS);
        for (const joining of Array.from({ length: 8 }, start)) running.push(await joining);
        await pause(BETWEEN_STEPS_MS);
        for (const leaving of running.splice(0, 7)) await leaving.stop(STOP_GRACE_MS);
        await pause(BETWEEN_STEPS_MS);
        stopping.abort();
        await load;

        const expected = new Map(
          MAILBOXES.map((mailbox) => [`${TENANT}/${mailbox}`, countEntries(truth.live(mailbox))]),
        );
        await waitFor(
          'a new subscriber has the state of every mailbox',
          () => stateOf(broker.brokers),
          (state) =>
            [...expected].every(([key, { new: fresh, old }]) => {
              const lamp = state.get(key);
              return lamp?.new === fresh && lamp.old === old;
            }),
          { limitMs: LIMIT_MS },
        );
        await Promise.all(running.map((projector) => projector.stop(STOP_GRACE_MS)));

        const newest = new Map<string, number>();
        for (const { key, value } of await readUncommitted(broker.brokers, TOPICS.mwi)) {
          const { data } = JSON.parse(value) as { data: MwiData };
          expect(data.revision, `of ${key}`).toBeGreaterThanOrEqual(newest.get(key) ?? 0);
          newest.set(key, data.revision);
        }
        const state = await stateOf(broker.brokers);
        expect([...state.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
        for (const [key, { revision }] of state) expect(revision, `of ${key}`).toBe(newest.get(key));
        expect(published).toHaveLength(10);
        expect(published.filter((count) => count > 0).length).toBeGreaterThan(2);
      },
      3 * LIMIT_MS,
    );
  });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const open = (brokers: readonly string[]): Promise<EventLog> =>
  openKafkaLog({ brokers, clientId: 'projectors', topics: TOPIC_LIST, partitions: PARTITIONS, clock, ids });

/** Messages come and are listened to, in every mailbox, until it is told to stop. */
async function announce(log: EventLog, truth: Truth, signal: AbortSignal): Promise<void> {
  for (let number = 0; !signal.aborted; number += 1) {
    const mailbox = MAILBOXES[number % MAILBOXES.length] ?? '2000';
    const isRead = Math.floor(number / MAILBOXES.length) % 3 === 2;
    const round = Math.floor(number / MAILBOXES.length) - (isRead ? 1 : 0);
    const entry = {
      messageId: `m${round}`,
      revision: isRead ? 2 : 1,
      state: isRead ? 'old' : 'new',
      urgent: false,
    } as const;
    truth.put(mailbox, entry);
    const at = new Date(clock.now()).toISOString();
    const fact = { tenant: TENANT, mailbox, change: isRead ? 'read' : 'deposited', at, ...entry } as const;
    await log.append([messageFactRecord(fact, { id: ids.uuid(), source: '/test', time: at })]);
    await pause(BETWEEN_FACTS_MS);
  }
}

/** What a subscriber knows that reads the topic of lamps from its start: the last record of each key. */
async function stateOf(brokers: readonly string[]): Promise<ReadonlyMap<string, MwiData>> {
  const log = await open(brokers);
  try {
    const state = new Map<string, MwiData>();
    for await (const record of log.read(TOPICS.mwi)) {
      if (record.key !== null && record.value !== null) state.set(record.key, readMwi(record));
    }
    return state;
  } finally {
    await log.close();
  }
}
