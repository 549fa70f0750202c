import { openKafkaLog } from '@voicemail/event-log';
import { storeDeposit } from '@voicemail/message-store';
import { createProjector, messageRecount, PROJECTOR_LIMITS } from '@voicemail/mwi-projector';
import { openRedisMwiStore } from '@voicemail/mwi-store';
import { systemClock } from '@voicemail/runtime';
import { waitFor } from '@voicemail/testing';
import { Redis } from 'ioredis';
import { bareKafka, makeTopics } from '../bare/kafka-client.ts';
import { rebuildBarely } from '../bare/rebuild.ts';
import { newLamps } from '../distributed/new-lamps.ts';
import { withServers, type Servers } from '../distributed/servers.ts';
import { volume } from '../distributed/volume.ts';
import type { Context, Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { callerOf, someAudio } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { perSecond, rounds } from '../measure/rounds.ts';
import { everyTopic, openParts, REGION, TENANT, type Parts } from '../stored/parts.ts';

const MAILBOXES = 1_000;
const QUICK_MAILBOXES = 200;
const MESSAGES_OF_EACH = 2;
const FIRST_MAILBOX = 10_000;
const AUDIO_BYTES = 1_024;
const AT_ONCE = 32;
const LIMIT_MS = 120_000;
const STOP_GRACE_MS = 5_000;
/** Told by the time that the loss is noticed, and everybody is at work. */
const FIRST_SHARE = 0.1;
const BARE_LAMPS = 'bare.lamps';

export const redisRebuild: Figure = {
  name: 'redis-rebuild',
  about: 'mailboxes/s from a FLUSHALL until all are counted again ÷ a bare rebuild',
  run: (context) => withServers(context, 'redis-rebuild', (servers) => compare(context, servers)),
};

async function compare(context: Context, { brokers, redisUrl, by }: Servers): Promise<readonly Comparison[]> {
  const count = context.quick ? QUICK_MAILBOXES : MAILBOXES;
  const [clock, kafka, redis] = [systemClock(), bareKafka(brokers), new Redis(redisUrl)];
  await makeTopics(kafka, [BARE_LAMPS]);
  await using stored = await volume(context, count * MESSAGES_OF_EACH);
  await using parts = await openParts(await stored.folder(), clock, {
    openLog: (ids) => openKafkaLog({ brokers, clientId: 'bench', topics: everyTopic(), clock, ids }),
    openMwi: (ids) => openRedisMwiStore({ urls: [redisUrl], clock, ids }),
  });
  context.progress(`redis-rebuild: storing ${count * MESSAGES_OF_EACH} messages`);
  await storeMessages(parts, count);
  const source = messageRecount(parts.tenants);
  const served = parts.tenants.all().map(({ tenant }) => tenant);
  const lamps = await newLamps(kafka);
  const projector = createProjector({ ...parts, messages: source, tenants: () => served });
  await projector.start();
  const allAreTold = (): Promise<unknown> =>
    waitFor(
      'every mailbox is told again',
      () => lamps.mailboxes.size,
      (told) => told >= count,
      {
        limitMs: LIMIT_MS,
        everyMs: 5,
      },
    );
  await allAreTold();

  const counted = await rounds(context, 'redis-rebuild', async () => {
    lamps.forget();
    const rate = await perSecond(count, async () => {
      await redis.flushall();
      await allAreTold();
    });
    const timesMs = lamps.timesMs();
    const most = count - Math.round(count * FIRST_SHARE);
    const tookMs = (timesMs.at(-1) ?? 0) - (timesMs.at(-1 - most) ?? 0);
    const beside = await perSecond(count, async () => {
      const shared = { kafka, redisUrl: `${redisUrl}/1`, to: BARE_LAMPS, source, tenant: TENANT };
      const rebuilt = await rebuildBarely({ ...shared, atOnce: PROJECTOR_LIMITS.maxSettlingOfTenant });
      if (rebuilt !== count) throw new Error(`${rebuilt} of ${count} mailboxes were found`);
    });
    return { rate, most: (most * 1_000) / tookMs, beside };
  });
  await projector.stop(STOP_GRACE_MS);
  await lamps.close();
  redis.disconnect();
  const compareRate = (name: string, ours: string, rate: 'rate' | 'most'): Comparison =>
    comparison(
      {
        name: `redis-rebuild, ${name}`,
        unit: 'mailboxes/s',
        ours: `a projector on ${by}, ${count.toLocaleString('en-US')} mailboxes of ${MESSAGES_OF_EACH} messages on a volume ${stored.where}, ${ours} until every lamp is told again`,
        beside: `a bare rebuild: the same reads of the volume, ${PROJECTOR_LIMITS.maxSettlingOfTenant} at once, two plain hashes and a lamp for each`,
      },
      counted.map((round) => ({ ours: { value: round[rate] }, beside: { value: round.beside } })),
    );
  return [
    compareRate('from FLUSHALL', 'from FLUSHALL', 'rate'),
    compareRate('but for the first tenth', 'from when a tenth is told', 'most'),
  ];
}

async function storeMessages({ tenants, clock }: Parts, mailboxes: number): Promise<void> {
  const served = tenants.byId(TENANT);
  if (served === undefined) throw new Error('the deployment does not serve its tenant');
  const [now, bytes] = [new Date(clock.now()).toISOString(), someAudio(AUDIO_BYTES)];
  await concurrently(mailboxes * MESSAGES_OF_EACH, AT_ONCE, (index) => {
    const told = { region: REGION, depositedAt: now, takenAt: now, priority: 'normal', private: false } as const;
    const [mailbox, messageId] = [String(FIRST_MAILBOX + (index % mailboxes)), `rebuilt-${index}`];
    const media = { contentType: 'audio/wav', bytes };
    return storeDeposit(
      served.stores,
      { ...told, mailbox, messageId, callerId: callerOf(index), durationMs: 1_000, media },
      now,
    );
  });
}
