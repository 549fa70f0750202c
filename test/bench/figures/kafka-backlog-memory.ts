import { openKafkaLog } from '@voicemail/event-log';
import { systemClock, systemIds } from '@voicemail/runtime';
import { binaryRecord, kafkaServer, waitFor } from '@voicemail/testing';
import { makeSite } from '../distributed/site.ts';
import { withServers, type Servers } from '../distributed/servers.ts';
import type { Context, Figure } from '../figure.ts';
import { someAudio, someDeposit } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { readPeakRssBytes } from '../measure/process-io.ts';
import { rounds } from '../measure/rounds.ts';
import { startServer } from '../processes/server.ts';
import { everyTopic } from '../stored/parts.ts';

const SMALL = 10_000;
const LARGE = 1_000_000;
const QUICK_LARGE = 50_000;
/** How many a consumer works off before its peak is read: as many of either backlog. */
const HANDLED = 6_000;
const QUICK_HANDLED = 500;
const AUDIO_BYTES = 200;
const ROUNDS = 3;
const APPENDED_AT_ONCE = 5_000;
const WORK_LIMIT_MS = 120_000;
const MIB = 1_024 ** 2;
/** What the official chart gives a process. */
const CHART_MIB = 512;

export const kafkaBacklogMemory: Figure = {
  name: 'kafka-backlog-memory',
  about: 'the most memory of a deposit consumer on Kafka with a backlog of 1,000,000 deposits ÷ with one of 10,000',
  run: (context) => withServers(context, 'kafka-backlog-memory', (servers) => compare(context, servers)),
};

/** The given broker has the large backlog; one more has the small one. */
async function compare(context: Context, servers: Servers): Promise<readonly Comparison[]> {
  const large = context.quick ? QUICK_LARGE : LARGE;
  const kafka = await kafkaServer();
  if (!kafka.available) throw new Error('there was one a moment ago');
  await using other = await kafka.start();
  const ofLarge = await backlog(context, servers, 'large');
  const ofSmall = await backlog(context, { ...servers, brokers: other.brokers }, 'small');
  context.progress(`kafka-backlog-memory: appending ${large} deposits`);
  await ofLarge.fillUpTo(large);
  const counted = await rounds(
    context,
    'kafka-backlog-memory',
    async () => {
      await ofSmall.fillUpTo(SMALL);
      return { ours: { value: await ofLarge.peakMib() }, beside: { value: await ofSmall.peakMib() } };
    },
    { count: ROUNDS, warmsUp: false },
  );
  const [count, handled] = [large, context.quick ? QUICK_HANDLED : HANDLED].map((each) => each.toLocaleString('en-US'));
  const told = {
    unit: 'MiB',
    ours: `a deposit consumer's peak of resident memory on ${servers.by} while it handles ${handled} of ${count} deposits`,
    beside: `the same of ${SMALL.toLocaleString('en-US')}`,
  };
  return [
    comparison({ ...told, name: `kafka-backlog-memory, ${count} ÷ 10,000`, aim: { atMost: 1.2 } }, counted),
    comparison({ ...told, name: 'kafka-backlog-memory, at all', aim: { atMost: CHART_MIB }, aimOf: 'ours' }, counted),
  ];
}

interface Backlog {
  /** Has so many deposits wait. */
  fillUpTo(count: number): Promise<void>;
  /** A fresh process works off some of them. @returns its peak by then. */
  peakMib(): Promise<number>;
}

async function backlog(context: Context, servers: Servers, load: string): Promise<Backlog> {
  const folder = await context.folder();
  const env = await makeSite(folder, servers);
  const audio = someAudio(AUDIO_BYTES);
  let [appended, handled] = [0, 0];
  return {
    fillUpTo: async (count) => {
      const { brokers } = servers;
      const [clock, ids] = [systemClock(), systemIds()];
      const log = await openKafkaLog({ brokers, clientId: 'bench', topics: everyTopic(), clock, ids });
      const end = handled + count;
      for (; appended < end; appended += APPENDED_AT_ONCE) {
        const indexes = Array.from({ length: APPENDED_AT_ONCE }, (_, index) => appended + index);
        await log.append(indexes.map((index) => binaryRecord(someDeposit(load, index, audio))));
      }
      await log.close();
    },
    peakMib: async () => {
      const options = { counted: false, env, arguments: ['service', 'deposit-consumer'] };
      await using server = await startServer(await context.folder(), options);
      const done = async (): Promise<number> => doneIn(await server.text('/metrics'));
      const wanted = context.quick ? QUICK_HANDLED : HANDLED;
      const limits = { limitMs: WORK_LIMIT_MS, everyMs: 100 };
      handled += await waitFor(`${wanted} are handled`, done, (count) => count >= wanted, limits);
      const bytes = readPeakRssBytes(server.pid);
      if (bytes === null) throw new Error('this system does not say how much memory a process had');
      return bytes / MIB;
    },
  };
}

const doneIn = (metrics: string): number =>
  Number(
    /^voicemail_records_handled_total\{topic="voicemail\.deposits",outcome="done"\} (\d+)$/m.exec(metrics)?.[1] ?? 0,
  );
