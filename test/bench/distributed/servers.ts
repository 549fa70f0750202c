import { kafkaServer, redisServer } from '@voicemail/testing';
import type { Context } from '../figure.ts';
import type { Comparison } from '../measure/comparison.ts';

/** A broker and a Redis of one's own, on the same machine. */
export interface Servers {
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  /** What they are, in words. */
  readonly by: string;
}

/** Compares with servers that live as long as that takes. Where this machine cannot have them, the figure is missing, and the report says so. */
export async function withServers(
  context: Context,
  figure: string,
  compare: (servers: Servers) => Promise<readonly Comparison[]>,
): Promise<readonly Comparison[]> {
  const [kafka, redis] = [await kafkaServer(), await redisServer()];
  for (const server of [kafka, redis]) {
    if (server.available) continue;
    context.missing(figure, server.why);
  }
  if (!kafka.available || !redis.available) return [];
  await using broker = await kafka.start();
  await using counts = await redis.start();
  // Not returned as it is: the servers would stop at once.
  return await compare({ brokers: broker.brokers, redisUrl: counts.url, by: `${kafka.name} and ${redis.name}` });
}
