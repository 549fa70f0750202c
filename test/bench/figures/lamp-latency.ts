import { TOPICS } from '@voicemail/contracts';
import { binaryRecord, waitFor } from '@voicemail/testing';
import type { Producer } from 'kafkajs';
import { bareKafka, makeTopics } from '../bare/kafka-client.ts';
import { arrivals, type Arrivals } from '../distributed/arrivals.ts';
import { withServers, type Servers } from '../distributed/servers.ts';
import { makeSite } from '../distributed/site.ts';
import { volume } from '../distributed/volume.ts';
import type { Context, Figure } from '../figure.ts';
import { MAILBOXES, mailboxOf, someAudio, someDeposit } from '../load/deposits.ts';
import { paced } from '../load/paced.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { percentile } from '../measure/percentile.ts';
import { rounds } from '../measure/rounds.ts';
import { startChild, type Child } from '../processes/child.ts';
import { startServer, type Server } from '../processes/server.ts';
import { TENANT } from '../stored/parts.ts';

const AUDIO_BYTES = 80 * 1_024;
const DEPOSITS = 300;
const ROUNDS = 3;
/** Of recordings of their size, as the room for them is reckoned. */
const MESSAGES = 10_000;
const QUICK_DEPOSITS = 100;
/** Faster than a server stores them: all wait at once. */
const AT_ONCE_PER_SECOND = 100_000;
const HOPS = ['hop.deposits', 'hop.facts', 'hop.lamps'] as const;
const HOPS_PROGRAM = new URL('../bare/kafka-hops.ts', import.meta.url);

export const lampLatency: Figure = {
  name: 'lamp-latency',
  about: 'from a deposit in Kafka to its lamp, at half load ÷ three bare hops',
  run: (context) => withServers(context, 'lamp-latency', (servers) => compare(context, servers)),
};

async function compare(context: Context, servers: Servers): Promise<readonly Comparison[]> {
  const count = context.quick ? QUICK_DEPOSITS : DEPOSITS;
  const kafka = bareKafka(servers.brokers);
  await makeTopics(kafka, HOPS);
  await using stored = await volume(context, MESSAGES);
  const env = await makeSite(await stored.folder(), servers);
  await using server = await startServer(await context.folder(), { counted: false, env });
  await using hops = await startHops(servers.brokers);
  const producer = kafka.producer();
  await producer.connect();
  const arrived = await arrivals(kafka, { [TOPICS.mwi]: messagesIn, [HOPS[2]]: null });
  const ours = wayOf(producer, arrived, TOPICS.deposits, TOPICS.mwi);
  const bare = wayOf(producer, arrived, HOPS[0], HOPS[2]);

  context.progress('lamp-latency: how much the server can do');
  // The first deposit of a mailbox has it counted for the first time.
  await paced(MAILBOXES, AT_ONCE_PER_SECOND, ours);
  const startedMs = performance.now();
  await paced(count, AT_ONCE_PER_SECOND, ours);
  const most = (count * 1_000) / (performance.now() - startedMs);
  const before = await putSeconds(server);
  const half = async () => ({ ours: await paced(count, most / 2, ours), bare: await paced(count, most / 2, bare) });
  const counted = await rounds(context, `lamp-latency, ${(most / 2).toFixed(0)} deposits/s`, half, { count: ROUNDS });
  const after = await putSeconds(server);
  const putMs = (1_000 * (after.sum - before.sum)) / (after.count - before.count);
  await arrived.close();
  await producer.disconnect();
  await hops.stop();
  await server.stop();
  return [50, 99].map((percent) =>
    comparison(
      {
        name: `lamp-latency, p${percent} at ${(most / 2).toFixed(0)} deposits/s`,
        unit: 'ms',
        ours: `one server on ${servers.by}: from the send of a deposit of ${AUDIO_BYTES / 1_024} KiB until its lamp is read from ${TOPICS.mwi}, at half of what it stores and counts; each of its three puts into the volume, ${stored.where}, took ${putMs.toFixed(1)} ms in the mean`,
        beside: 'bare kafkajs: three sends and reads, the first of as many bytes, by a process that does nothing else',
        aim: { atMost: 2 },
      },
      counted.map((round) => ({
        ours: { value: percentile(round.ours, percent) },
        beside: { value: percentile(round.bare, percent) },
      })),
    ),
  );
}

/** What puts into its stores took a server so far, in seconds, and how many there were. */
async function putSeconds(server: Server): Promise<{ readonly sum: number; readonly count: number }> {
  const metrics = await server.text('/metrics');
  const read = (what: string): number => {
    const line = new RegExp(`^voicemail_storage_seconds_${what}\\{.*operation="put".*\\} (.+)$`, 'm').exec(metrics);
    return Number(line?.[1] ?? 0);
  };
  return { sum: read('sum'), count: read('count') };
}

/** Sends the next deposit on its way. @returns after how many ms its end was seen. */
type Way = () => Promise<number>;

function wayOf(producer: Producer, arrived: Arrivals, from: string, to: string): Way {
  const audio = someAudio(AUDIO_BYTES);
  let sent = 0;
  return async () => {
    const index = sent;
    sent += 1;
    const { key, value, headers } = binaryRecord(someDeposit(from, index, audio));
    const seen = arrived.seen(to, `${TENANT}/${mailboxOf(index)}`, Math.floor(index / MAILBOXES) + 1);
    const startedMs = performance.now();
    await producer.send({ topic: from, messages: [{ key, value: Buffer.from(value ?? []), headers }] });
    await seen;
    return performance.now() - startedMs;
  };
}

const messagesIn = (lamp: Buffer): number => {
  const { data } = JSON.parse(lamp.toString()) as { readonly data: { readonly new: number } };
  return data.new;
};

async function startHops(brokers: readonly string[]): Promise<Child> {
  const child = startChild({ module: HOPS_PROGRAM, arguments: [brokers.join(','), ...HOPS], counted: false });
  await waitFor('the hops are ready', child.output, (said) => said.includes('ready'));
  return child;
}
