/** `npx pnpm dev:servers`: the real servers, for whoever develops against them, until they are ended with Ctrl-C. */
import { once } from 'node:events';
import { azureServer } from './azurite.ts';
import type { Availability } from './availability.ts';
import { kafkaServer } from './kafka.ts';
import type { RunningServer } from './launch.ts';
import { redisServer } from './redis.ts';
import { s3Server } from './versitygw.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Starts one where it can be had, and says how to reach it. */
async function bringUp<Server extends RunningServer>(
  what: string,
  server: Availability<() => Promise<Server>>,
  facts: (running: Server) => Readonly<Record<string, string>>,
): Promise<RunningServer | undefined> {
  if (!server.available) {
    say(`${what}: ${server.name} is missing. ${server.why}`);
    return undefined;
  }
  const running = await server.start();
  say(`${what} (${server.name})`);
  for (const [name, value] of Object.entries(facts(running))) say(`  ${name.padEnd(18)}${value}`);
  return running;
}

const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const servers = [
  await bringUp('Azure Blob Storage', await azureServer(), ({ url, connectionString }) => ({
    'account url': url,
    'connection string': connectionString,
  })),
  await bringUp('Amazon S3', await s3Server(), ({ endpoint, region, accessKey, secretKey }) => ({
    endpoint,
    region,
    'access key': accessKey,
    'secret key': secretKey,
  })),
  await bringUp('Apache Kafka', await kafkaServer(), ({ brokers }) => ({ brokers: brokers.join(',') })),
  await bringUp('Redis', await redisServer(), ({ url }) => ({ url })),
].filter((server) => server !== undefined);

if (servers.length > 0) {
  say('Ctrl-C ends them; what they keep goes with them.');
  const alive = setInterval(() => undefined, 60_000);
  await ended;
  clearInterval(alive);
  await Promise.all(servers.map((server) => server.stop()));
} else {
  process.exitCode = 1;
}
