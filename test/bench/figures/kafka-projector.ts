import { messageFactRecord, TOPICS } from '@voicemail/contracts';
import { openKafkaLog, type EventLog, type NewRecord } from '@voicemail/event-log';
import { createProjector, type ProjectorLimits } from '@voicemail/mwi-projector';
import { openRedisMwiStore } from '@voicemail/mwi-store';
import { createLogger, createMetrics, systemIds } from '@voicemail/runtime';
import type { Kafka } from 'kafkajs';
import { bareKafka, makeTopics } from '../bare/kafka-client.ts';
import { projectKafkaBarely } from '../bare/kafka-projector.ts';
import { observedLog } from '../distributed/observed-log.ts';
import { withServers, type Servers } from '../distributed/servers.ts';
import type { Context, Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { rounds } from '../measure/rounds.ts';
import { stopwatch } from '../measure/stopwatch.ts';
import { countPerKey } from '../rivals/count-per-key.ts';
import { everyTopic, TENANT } from '../stored/parts.ts';
import { quietClock } from '../stored/quiet-clock.ts';
import { storedTruth, type StoredTruth } from '../stored/stored-truth.ts';

const MAILBOXES = 10_000;
const CASES = [
  { name: 'a backlog, 10 of each mailbox', mailboxes: 2_000, facts: 20_000, beside: 'bare' },
  { name: 'each of another mailbox', mailboxes: MAILBOXES, facts: MAILBOXES, beside: 'bare and Streams' },
] as const;
/** It takes some seconds until its code is compiled. */
const FACTS_OF_STREAMS = 200_000;
const QUICK_SHARE = 0.1;
const AT_ONCE = 64;
const APPENDED_TOGETHER = 5_000;
const STOP_GRACE_MS = 5_000;
const FIRST_MAILBOX = 10_000;
const [BARE_LAMPS, STREAMS_FACTS] = ['bare.lamps', 'streams.facts'];
/** It compares counts with the stores at a steady pace, whether facts come or not. */
const RESTING: Partial<ProjectorLimits> = { sliceIntervalMs: 60_000, maxSliceMessages: 1 };

export const kafkaProjector: Figure = {
  name: 'kafka-projector',
  about: 'facts/s from Kafka into Redis ÷ a bare reader with the same writes, ÷ Kafka Streams',
  run: (context) => withServers(context, 'kafka-projector', (servers) => compareAll(context, servers)),
};

async function compareAll(context: Context, { brokers, redisUrl, by }: Servers): Promise<readonly Comparison[]> {
  const [clock, ids, kafka, truth] = [quietClock(), systemIds(), bareKafka(brokers), storedTruth()];
  const share = context.quick ? QUICK_SHARE : 1;
  const bareRedis = `${redisUrl}/1`;
  await makeTopics(kafka, [BARE_LAMPS]);
  await makeKnown(bareRedis, MAILBOXES * share);
  let watch = stopwatch(0);
  const log = observedLog(
    await openKafkaLog({ brokers, clientId: 'bench', topics: everyTopic(), clock, ids }),
    () => watch,
  );
  const mwi = await openRedisMwiStore({ urls: [redisUrl], clock, ids });
  const ours = async (facts: number): Promise<number> => {
    watch = stopwatch(facts);
    const projector = createProjector({
      log,
      mwi,
      clock,
      ids,
      // A start lists every mailbox, which is no fact's cost.
      messages: { ...truth, listMailboxes: async function* () {} },
      metrics: createMetrics(),
      tenants: () => [{ tenantId: TENANT, sipDomain: 'voice.example.com' }],
      logger: createLogger({ level: 'silent', name: 'bench' }),
      limits: RESTING,
    });
    await projector.start();
    const perSecond = await watch.perSecond;
    await projector.stop(STOP_GRACE_MS);
    return perSecond;
  };
  const bare = async (facts: number): Promise<number> => {
    const own = stopwatch(facts);
    const [from, to] = [TOPICS.messages, BARE_LAMPS];
    await projectKafkaBarely({ kafka, redisUrl: bareRedis, group: 'bare', from, to, watch: own });
    return own.perSecond;
  };
  const streams = await streamsOn(context, kafka, brokers, Math.round(FACTS_OF_STREAMS * share));

  const comparisons: Comparison[] = [];
  for (const { name, beside, ...size } of CASES) {
    const [facts, mailboxes] = [Math.round(size.facts * share), Math.round(size.mailboxes * share)];
    const counted = await rounds(context, `kafka-projector, ${name}`, async (round) => {
      await append(log, factsOf(`${mailboxes}-${round}`, facts, mailboxes, truth));
      return {
        ours: { value: await ours(facts) },
        bare: { value: await bare(facts) },
        streams: { value: beside === 'bare' ? 0 : await streams(round) },
      };
    });
    const shared = { unit: 'facts/s', ours: `the projector on ${by}` };
    comparisons.push(
      comparison(
        {
          ...shared,
          name: `kafka-projector, ${name}, ÷ bare clients`,
          beside: 'bare kafkajs eachBatch: the same writing scripts in pipelines, as many lamps sent',
          aim: { atLeast: 0.8 },
        },
        counted.map((round) => ({ ours: round.ours, beside: round.bare })),
      ),
    );
    if (beside === 'bare') continue;
    comparisons.push(
      comparison(
        {
          ...shared,
          name: `kafka-projector, ${name}, ÷ Kafka Streams`,
          beside: 'Kafka Streams: a count per key in its state store, a record out for each in, one thread',
          aim: { atLeast: 1 },
        },
        counted.map((round) => ({ ours: round.ours, beside: round.streams })),
      ),
    );
  }
  await mwi.close();
  await log.close();
  return comparisons;
}

/** What counts a topic of so many facts in a round. */
async function streamsOn(
  context: Context,
  kafka: Kafka,
  brokers: readonly string[],
  count: number,
): Promise<(round: number) => Promise<number>> {
  await makeTopics(kafka, [STREAMS_FACTS]);
  const producer = kafka.producer();
  await producer.connect();
  const facts = factsOf('streams', count, MAILBOXES, null);
  for (let at = 0; at < count; at += APPENDED_TOGETHER) {
    const messages = facts
      .slice(at, at + APPENDED_TOGETHER)
      .map(({ key, value, headers = {} }) => ({ key, value: Buffer.from(value ?? []), headers }));
    await producer.send({ topic: STREAMS_FACTS, messages });
  }
  await producer.disconnect();
  return async (round) => {
    const [to, applicationId] = [`streams.counts-${round}`, `streams-${round}`];
    // A producer of Java that meets a topic in its first second may wait for two minutes.
    await makeTopics(kafka, [to, `${applicationId}-counts-changelog`]);
    const admin = kafka.admin();
    await admin.connect();
    try {
      const folder = await context.folder();
      return await countPerKey({ brokers, admin, from: STREAMS_FACTS, to, count, applicationId, folder });
    } finally {
      await admin.disconnect();
    }
  };
}

/** Facts of new messages, mailbox after mailbox. @param truth where they are stored; null: nowhere. */
function factsOf(load: string, count: number, mailboxes: number, truth: StoredTruth | null): readonly NewRecord[] {
  const at = new Date().toISOString();
  return Array.from({ length: count }, (_, index) => {
    const mailbox = String(FIRST_MAILBOX + (index % mailboxes));
    const entry = { messageId: `fact-${load}-${index}`, revision: 1, state: 'new' as const, urgent: false };
    truth?.put(mailbox, entry);
    const data = { tenant: TENANT, mailbox, ...entry, change: 'deposited' as const, at };
    return messageFactRecord(data, { id: `${load}-${index}`, source: '/bench', time: at });
  });
}

async function append(log: EventLog, records: readonly NewRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += APPENDED_TOGETHER) {
    await log.append(records.slice(at, at + APPENDED_TOGETHER));
  }
}

/** Gives a Redis mailboxes that are known and empty: the scripts apply facts to no others. */
async function makeKnown(url: string, mailboxes: number): Promise<void> {
  const mwi = await openRedisMwiStore({ urls: [url], clock: quietClock(), ids: systemIds() });
  await concurrently(mailboxes, AT_ONCE, async (index) => {
    const ref = { tenant: TENANT, mailbox: String(FIRST_MAILBOX + index) };
    await mwi.mergeRecount(ref, await mwi.beginRecount(ref), { entries: [] });
  });
  await mwi.close();
}
