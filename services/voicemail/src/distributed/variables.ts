import type { KafkaSasl, KafkaTls } from '@voicemail/event-log';
import { boolean, integer, path, type ConfigFault } from '@voicemail/runtime';
import { z } from 'zod';

const BROKER = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;
const MAX_PARTITIONS = 10_000;
const MAX_REPLICAS = 1_000;

const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const isRedisUrl = (text: string): boolean =>
  URL.canParse(text) && ['redis:', 'rediss:'].includes(new URL(text).protocol);

/** Where Kafka and Redis are (CONTRACT section 10), and how to get in. Secrets are in files. */
export const DISTRIBUTED_VARIABLES = {
  KAFKA_BROKERS: z
    .string()
    .transform(list)
    .refine((brokers) => brokers.length > 0 && brokers.every((broker) => BROKER.test(broker)), {
      error: 'must be <host>:<port>, several with commas between',
    })
    .meta({ example: 'kafka-0:9092,kafka-1:9092' })
    .optional(),
  KAFKA_PARTITIONS: integer({ min: 1, max: MAX_PARTITIONS, example: 12 }).optional(),
  KAFKA_REPLICATION_FACTOR: integer({ min: 1, max: MAX_REPLICAS, example: 3 }).optional(),
  KAFKA_TLS: boolean().optional(),
  KAFKA_TLS_CA_FILE: path().optional(),
  KAFKA_TLS_CERT_FILE: path().optional(),
  KAFKA_TLS_KEY_FILE: path().optional(),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'], {
      error: 'must be plain, scram-sha-256, scram-sha-512 or oauthbearer',
    })
    .meta({ example: 'scram-sha-512' })
    .optional(),
  KAFKA_SASL_USERNAME: z.string().meta({ example: 'voicemail' }).optional(),
  KAFKA_SASL_PASSWORD_FILE: path().optional(),
  KAFKA_SASL_TOKEN_FILE: path().optional(),
  REDIS_URL: z
    .string()
    .transform(list)
    .refine((urls) => urls.length > 0 && urls.every(isRedisUrl), {
      error: 'must be a URL that begins with redis:// or rediss://, several with commas between',
    })
    .meta({ example: 'redis://redis:6379' })
    .optional(),
  REDIS_CLUSTER: boolean().optional(),
  REDIS_SENTINEL_NAME: z.string().meta({ example: 'mymaster' }).optional(),
  REDIS_PASSWORD_FILE: path().optional(),
  REDIS_SENTINEL_PASSWORD_FILE: path().optional(),
  REDIS_CA_FILE: path().optional(),
};

type Read = z.output<z.ZodObject<typeof DISTRIBUTED_VARIABLES>>;
/** The texts of the variables that are set. */
type Given = Readonly<Record<string, string>>;

/** The servers of the distributed mode. */
export interface Distributed {
  readonly kafka: {
    readonly brokers: readonly string[];
    readonly partitions?: number;
    readonly replicationFactor?: number;
    readonly tls?: KafkaTls;
    readonly sasl?: KafkaSasl;
  };
  readonly redis: {
    readonly urls: readonly [string, ...string[]];
    readonly topology: 'single' | 'cluster' | { readonly sentinelName: string };
    readonly passwordFile: string | null;
    readonly sentinelPasswordFile: string | null;
    readonly authoritiesFile: string | null;
  };
}

/** What does not go together, or lacks what it needs. */
export function faultsOfDistributed(given: Given): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  const has = (variable: string): boolean => given[variable] !== undefined;
  const needs = (variable: string, other: string, why: string): void => {
    if (has(variable) && !has(other)) faults.push({ variable, problem: `needs ${other} beside it${why}` });
  };
  needs('KAFKA_BROKERS', 'REDIS_URL', ', where the counts are');
  needs('REDIS_URL', 'KAFKA_BROKERS', ', where the log is');
  needs('KAFKA_BROKERS', 'CALLER_HASH_KEY_FILE', ': every process must have the same keys');
  if (has('KAFKA_BROKERS') && (given['CLOCK_OFFSET'] ?? 'PT0S') !== 'PT0S') {
    faults.push({ variable: 'CLOCK_OFFSET', problem: 'is of the embedded mode: Kafka goes by real time; unset it' });
  }
  const { KAFKA_SASL_MECHANISM: mechanism } = given;
  for (const variable of Object.keys(DISTRIBUTED_VARIABLES)) {
    const server = variable.startsWith('KAFKA_') ? 'KAFKA_BROKERS' : 'REDIS_URL';
    if (variable !== 'KAFKA_BROKERS' && variable !== 'REDIS_URL') needs(variable, server, '');
  }
  needs('KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE', '');
  needs('KAFKA_TLS_KEY_FILE', 'KAFKA_TLS_CERT_FILE', '');
  needs('REDIS_SENTINEL_PASSWORD_FILE', 'REDIS_SENTINEL_NAME', '');
  for (const variable of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE', 'KAFKA_SASL_TOKEN_FILE']) {
    needs(variable, 'KAFKA_SASL_MECHANISM', '');
  }
  if (mechanism === 'oauthbearer') needs('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_TOKEN_FILE', '');
  else if (mechanism !== undefined) {
    needs('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', '');
    needs('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_PASSWORD_FILE', '');
  }
  if (boolean().safeParse(given['REDIS_CLUSTER']).data === true && has('REDIS_SENTINEL_NAME')) {
    faults.push({ variable: 'REDIS_SENTINEL_NAME', problem: 'does not go with REDIS_CLUSTER: unset one of them' });
  }
  return faults;
}

/** null in the embedded mode. @param read without faults. */
export function distributedOf(read: Read): Distributed | null {
  const { KAFKA_BROKERS: brokers, REDIS_URL: urls } = read;
  const [first, ...more] = urls ?? [];
  if (brokers === undefined || first === undefined) return null;
  const tls = tlsOf(read);
  const sasl = saslOf(read);
  return {
    kafka: {
      brokers,
      ...(read.KAFKA_PARTITIONS !== undefined && { partitions: read.KAFKA_PARTITIONS }),
      ...(read.KAFKA_REPLICATION_FACTOR !== undefined && { replicationFactor: read.KAFKA_REPLICATION_FACTOR }),
      ...(tls !== null && { tls }),
      ...(sasl !== null && { sasl }),
    },
    redis: {
      urls: [first, ...more],
      topology: topologyOf(read),
      passwordFile: read.REDIS_PASSWORD_FILE ?? null,
      sentinelPasswordFile: read.REDIS_SENTINEL_PASSWORD_FILE ?? null,
      authoritiesFile: read.REDIS_CA_FILE ?? null,
    },
  };
}

/** A file of certificates asks for TLS by itself. */
function tlsOf(read: Read): KafkaTls | null {
  const { KAFKA_TLS_CA_FILE: caFile, KAFKA_TLS_CERT_FILE: certFile, KAFKA_TLS_KEY_FILE: keyFile } = read;
  if (read.KAFKA_TLS !== true && caFile === undefined && certFile === undefined) return null;
  return {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
}

function saslOf(read: Read): KafkaSasl | null {
  const { KAFKA_SASL_MECHANISM: mechanism } = read;
  if (mechanism === undefined) return null;
  if (mechanism === 'oauthbearer') return { mechanism, tokenFile: read.KAFKA_SASL_TOKEN_FILE ?? '' };
  return {
    mechanism,
    username: read.KAFKA_SASL_USERNAME ?? '',
    passwordFile: read.KAFKA_SASL_PASSWORD_FILE ?? '',
  };
}

function topologyOf(read: Read): Distributed['redis']['topology'] {
  if (read.REDIS_CLUSTER === true) return 'cluster';
  return read.REDIS_SENTINEL_NAME === undefined ? 'single' : { sentinelName: read.REDIS_SENTINEL_NAME };
}
