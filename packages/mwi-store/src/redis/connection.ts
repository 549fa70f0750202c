import { Cluster, Redis } from 'ioredis';
import { defineCommands, type Commands } from './commands.ts';
import type { RedisMwiStoreOptions } from './options.ts';
import { redisError } from './redis-error.ts';
import { settingsOf, type Settings } from './settings.ts';

/** A client that connects again by itself, for as long as it is not closed. */
export interface Connection {
  readonly client: Redis | Cluster;
  readonly commands: Commands;
  /** The servers that take writes: one, or a cluster's. */
  readonly masters: () => readonly Redis[];
  /** Why there is no connection now; null where there is one, or nothing is known. */
  readonly fault: () => unknown;
  readonly close: () => void;
}

const REQUEST_TIMEOUT_MS = 2_000;
const LEAST_RECONNECT_MS = 50;
const MAX_RECONNECT_MS = 2_000;
/** Of one command in a cluster, 100 ms apart where a node is gone. */
const MAX_REDIRECTIONS = 8;

/**
 * Connects. Where Redis cannot be reached now, the connection is made later.
 * @throws MwiError `refused` where Redis does not let us in.
 */
export async function openConnection(options: RedisMwiStoreOptions): Promise<Connection> {
  const settings = settingsOf(options);
  const client = clientOf(settings, options);
  const commands = defineCommands(client);
  let fault: unknown = null;
  const failed = (error: unknown): void => void (fault = error);
  client.on('error', failed);
  client.on('node error', failed);
  client.on('ready', () => void (fault = null));
  const connection: Connection = {
    client,
    commands,
    masters: () => (client instanceof Cluster ? client.nodes('master') : [client]),
    fault: () => (client.status === 'ready' ? null : fault),
    close: () => client.disconnect(),
  };
  await settled(client);
  const known = connection.fault() === null ? null : redisError(connection.fault());
  if (known?.code === 'refused') {
    connection.close();
    throw known;
  }
  return connection;
}

/** Resolves when the first attempt to connect has succeeded or failed. */
async function settled(client: Redis | Cluster): Promise<void> {
  const first = new Promise<void>((resolve) => {
    for (const event of ['ready', 'error', 'reconnecting', 'end']) client.once(event, () => resolve());
  });
  // The events tell of a failure, and other attempts follow.
  client.connect().catch(() => undefined);
  await first;
}

function clientOf(settings: Settings, options: RedisMwiStoreOptions): Redis | Cluster {
  const { topology = 'single', requestTimeoutMs = REQUEST_TIMEOUT_MS, ids } = options;
  const pauseMs = (attempt: number): number =>
    Math.min(LEAST_RECONNECT_MS * 2 ** Math.min(attempt, 10), MAX_RECONNECT_MS) * (0.5 + ids.random() / 2);
  const { tls } = settings;
  const server = {
    connectionName: 'voicemail-mwi',
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...withPassword(settings.password()),
    ...(tls === undefined ? {} : { tls }),
    connectTimeout: requestTimeoutMs,
    commandTimeout: requestTimeoutMs,
    // A server that is silent for so long while it owes an answer: the connection is made anew.
    socketTimeout: 2 * requestTimeoutMs,
    // A call fails at once, and whoever made it decides whether to make it again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // What was our server is a replica by now.
    reconnectOnError: (error: Error) => error.message.includes('READONLY'),
  };
  const own = { lazyConnect: true, enableOfflineQueue: false };
  if (topology === 'cluster') {
    return new Cluster([...settings.addresses], {
      ...own,
      redisOptions: server,
      maxRedirections: MAX_REDIRECTIONS,
      slotsRefreshTimeout: requestTimeoutMs,
      clusterRetryStrategy: pauseMs,
      // A certificate is made out to a name, so names are not turned into addresses.
      ...(tls === undefined ? {} : { dnsLookup: (name, done) => done(null, name) }),
    });
  }
  const place = typeof topology === 'string' ? settings.addresses[0]! : sentinelsOf(settings, topology, pauseMs);
  const client: Redis = new Redis({
    ...server,
    ...own,
    ...place,
    db: settings.database,
    retryStrategy: (attempt: number) => {
      Object.assign(client.options, withPassword(passwordOrNone(settings)));
      return pauseMs(attempt);
    },
  });
  return client;
}

const withPassword = (password: string | undefined): { password?: string } =>
  password === undefined ? {} : { password };

/** A file that is just being replaced: the password that was good is tried again. */
function passwordOrNone(settings: Settings): string | undefined {
  try {
    return settings.password();
  } catch {
    return undefined;
  }
}

function sentinelsOf(
  { addresses, sentinelPassword, tls }: Settings,
  { sentinelName }: { readonly sentinelName: string },
  pauseMs: (attempt: number) => number,
) {
  return {
    name: sentinelName,
    sentinels: [...addresses],
    sentinelRetryStrategy: pauseMs,
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls }),
  };
}
