import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TOPICS } from '@voicemail/contracts';
import { createDepositConsumer } from '@voicemail/deposit-consumer';
import { openKafkaLog } from '@voicemail/event-log';
import { openFileSystemStore } from '@voicemail/object-store';
import { systemIds } from '@voicemail/runtime';
import { binaryRecord } from '@voicemail/testing';
import { consumeDepositsBarely } from '../bare/kafka-deposits.ts';
import { bareKafka, makeTopics } from '../bare/kafka-client.ts';
import { observedLog } from '../distributed/observed-log.ts';
import { withServers, type Servers } from '../distributed/servers.ts';
import type { Context, Figure } from '../figure.ts';
import { someAudio, someDeposit } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { rounds } from '../measure/rounds.ts';
import { stopwatch, type Stopwatch } from '../measure/stopwatch.ts';
import { answerOf } from '../processes/answer-of.ts';
import type { NestjsServiceArguments } from '../rivals/nestjs-service.ts';
import { nestjs } from '../rivals/nestjs.ts';
import { everyTopic, openParts, REGION } from '../stored/parts.ts';
import { quietClock } from '../stored/quiet-clock.ts';
import { slowStore } from '../stored/slow-store.ts';

const AUDIO_BYTES = 80 * 1_024;
/** Of each call of a store, beside what the call takes here: that of an object store in the same region. */
const LATENCY_MS = 5;
const DEPOSITS = 800;
const QUICK_DEPOSITS = 200;
/** It takes them one at a time. */
const NESTJS_DEPOSITS = 200;
const QUICK_NESTJS_DEPOSITS = 50;
/** As in the deposit consumer. */
const AT_ONCE = 32;
const STOP_GRACE_MS = 5_000;
const [BARE_FACTS, NESTJS_FACTS] = ['bare.facts', 'nestjs.facts'];
const NESTJS_SERVICE = fileURLToPath(new URL('../rivals/nestjs-service.ts', import.meta.url));

export const kafkaDeposits: Figure = {
  name: 'kafka-deposits',
  about: 'deposits/s off Kafka ÷ a bare eachBatch with the same puts, ÷ NestJS',
  run: (context) => withServers(context, 'kafka-deposits', (servers) => compare(context, servers)),
};

async function compare(context: Context, { brokers, by }: Servers): Promise<readonly Comparison[]> {
  const [count, ofNestjs] = context.quick ? [QUICK_DEPOSITS, QUICK_NESTJS_DEPOSITS] : [DEPOSITS, NESTJS_DEPOSITS];
  const [clock, ids, audio] = [quietClock(), systemIds(), someAudio(AUDIO_BYTES)];
  const [kafka, nestjsFolder] = [bareKafka(brokers), await nestjs()];
  await makeTopics(kafka, [BARE_FACTS, NESTJS_FACTS]);
  let watch = stopwatch(count);
  await using parts = await openParts(await context.folder(), clock, {
    openLog: async () =>
      observedLog(await openKafkaLog({ brokers, clientId: 'bench', topics: everyTopic(), clock, ids }), () => watch),
    layer: (store) => slowStore(store, LATENCY_MS),
  });
  const bareStore = slowStore(
    await openFileSystemStore({ root: await emptyRoot(context), region: REGION, clock, ids }),
    LATENCY_MS,
  );

  const ours = async (): Promise<number> => {
    watch = stopwatch(count);
    const consumer = createDepositConsumer(parts);
    await consumer.start();
    const perSecond = await watch.perSecond;
    await consumer.stop(STOP_GRACE_MS);
    return perSecond;
  };
  const bare = async (): Promise<number> => {
    const own: Stopwatch = stopwatch(count);
    const [from, to] = [TOPICS.deposits, BARE_FACTS];
    await consumeDepositsBarely({
      kafka,
      group: 'bare',
      from,
      to,
      store: bareStore,
      audio,
      atOnce: AT_ONCE,
      watch: own,
    });
    return own.perSecond;
  };
  const ofNest = async (round: number): Promise<number> => {
    const told: NestjsServiceArguments = {
      brokers,
      // It begins at the start of the topic in each round, with a store that is empty.
      group: `nestjs-${round}`,
      from: TOPICS.deposits,
      to: NESTJS_FACTS,
      root: await emptyRoot(context),
      latencyMs: LATENCY_MS,
      audioBytes: AUDIO_BYTES,
      count: ofNestjs,
    };
    const program = [process.execPath, NESTJS_SERVICE, nestjsFolder, JSON.stringify(told)];
    return (await answerOf<{ readonly perSecond: number }>(program)).perSecond;
  };
  const counted = await rounds(context, 'kafka-deposits', async (round) => {
    const records = Array.from({ length: count }, (_, index) => binaryRecord(someDeposit(`k${round}`, index, audio)));
    await parts.log.append(records);
    return { ours: { value: await ours() }, bare: { value: await bare() }, nestjs: { value: await ofNest(round) } };
  });

  const what = `the deposit consumer on ${by}, ${AT_ONCE} at once, ${AUDIO_BYTES / 1_024} KiB each, files with ${LATENCY_MS} ms before each call`;
  const shared = { unit: 'deposits/s', ours: what };
  return [
    comparison(
      {
        ...shared,
        name: 'kafka-deposits ÷ bare eachBatch',
        beside:
          'bare kafkajs eachBatch: the same puts into the same kind of store, as many at once, facts in one send a batch',
        aim: { atLeast: 0.9 },
      },
      counted.map((round) => ({ ours: round.ours, beside: round.bare })),
    ),
    comparison(
      {
        ...shared,
        name: 'kafka-deposits ÷ NestJS',
        beside: 'a Kafka microservice of NestJS in a process of its own: the same puts, one message at a time',
        aim: { atLeast: 5 },
      },
      counted.map((round) => ({ ours: round.ours, beside: round.nestjs })),
    ),
  ];
}

async function emptyRoot({ folder }: Context): Promise<string> {
  const root = join(await folder(), 'region');
  await mkdir(root);
  return root;
}
