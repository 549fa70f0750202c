import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  kafkaServer,
  redisServer,
  s3Server,
  type Availability,
  type KafkaServer,
  type RedisServer,
  type S3Server,
} from '@voicemail/testing';

/** The servers that a distributed deployment stands on, for the tests of one data folder. */
export interface Backbone {
  readonly kafka: KafkaServer;
  readonly redis: RedisServer;
  /** A master region, which every process can reach. The bucket is this data folder's own. */
  readonly s3: S3Server;
  readonly bucket: string;
}

/** Whether journeys are told on Kafka and Redis: `vitest.config.ts` has a project that runs them so. */
const isAskedFor = process.env['VOICEMAIL_JOURNEYS'] === 'distributed';
const [kafka, redis, s3] = isAskedFor ? await Promise.all([kafkaServer(), redisServer(), s3Server()]) : [];

/** What cannot be had of it on this machine, and how to get it; null where nothing is missing. */
export const missingOfBackbone: string | null =
  [kafka, redis, s3]
    .filter((server) => server?.available === false)
    .map(({ name, why }: { readonly name: string; readonly why: string }) => `${name} is missing. ${why}`)
    .join('\n') || null;

/** Whether journeys are told on Kafka and Redis, and not embedded. */
export const isDistributed = isAskedFor && missingOfBackbone === null;

/** The brokers look all the time at what may leave the disk. */
const LOOKS_OFTEN = {
  'log.retention.check.interval.ms': 200,
  'log.initial.task.delay.ms': 200,
  'log.segment.delete.delay.ms': 100,
  // An index is as large on the disk as it may become.
  'log.index.size.max.bytes': 16_384,
};

const lent: { dataDir: string; backbone: Backbone }[] = [];

/**
 * Kafka and Redis for whoever has this data folder, which must be there: the same ones each time, so that a server that starts again
 * finds what it left. When the folder is gone they are emptied for another one, of the next file too: a broker takes its time to
 * start. They end with this process.
 */
export async function backboneOf(dataDir: string): Promise<Backbone> {
  const own = lent.find((one) => one.dataDir === dataDir);
  if (own !== undefined) return own.backbone;
  const free = lent.find((one) => !existsSync(one.dataDir));
  const servers = free === undefined ? await startServers() : free.backbone;
  if (free !== undefined) {
    lent.splice(lent.indexOf(free), 1);
    await empty(servers);
  }
  const backbone = { ...servers, bucket: `journey-${randomBytes(6).toString('hex')}` };
  lent.push({ dataDir, backbone });
  await backbone.s3.makeBucket(backbone.bucket);
  return backbone;
}

/** Everything on disks that a deployment on this data folder has: the folder, and those of its brokers and of its Redis, which is dumped for it. */
export async function disksOf(dataDir: string): Promise<readonly string[]> {
  if (!isDistributed) return [dataDir];
  const { kafka: brokers, redis: counts } = await backboneOf(dataDir);
  await counts.command('SAVE');
  const [, folder] = (await counts.command('CONFIG', 'GET', 'dir')) as readonly string[];
  if (folder === undefined) throw new Error('Redis does not say where it keeps its dump');
  return [dataDir, ...brokers.nodes.map(({ dataFolder }) => dataFolder), join(folder, 'dump.rdb')];
}

async function startServers(): Promise<Omit<Backbone, 'bucket'>> {
  const [broker, counts, storage] = await Promise.all([
    available(kafka)({ properties: LOOKS_OFTEN }),
    available(redis)(),
    available(s3)(),
  ]);
  return { kafka: broker, redis: counts, s3: storage };
}

async function empty(servers: Pick<Backbone, 'kafka' | 'redis'>): Promise<void> {
  // Embedded tests have no use for the client of Kafka, and start sooner without.
  const { emptyBrokers } = await import('@voicemail/event-log/testing');
  await Promise.all([emptyBrokers(servers.kafka.brokers), servers.redis.command('FLUSHALL')]);
}

function available<S>(server: Availability<S> | undefined): S {
  if (server?.available !== true) throw new Error('Journeys on Kafka and Redis are a project of their own.');
  return server.start;
}
